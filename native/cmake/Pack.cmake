# cmake -P: lays libraries out as the jar holds them, and writes the index that the loader reads.
#
#   PACK_OUTPUT     the jar's root        PACK_NAME      the folder's name, such as linux-x86_64-cuda13
#   PACK_LIBRARIES  where libraries are   PACK_HEADER    lines to begin the index with, divided by |
#   PACK_SHIM       the shim, if any      PACK_PLUGIN    the backend to take along, such as cuda, if any
#   PACK_CORE       take the core         PACK_NOTICE    the licence file
cmake_minimum_required(VERSION 3.21)

set(path "META-INF/panllama/natives/${PACK_NAME}")
set(folder "${PACK_OUTPUT}/${path}")
set(roles "")
set(files "")

# pack(ROLE GLOB...): appends files in the order in which they have to be loaded. Each glob must match.
macro(pack role)
    foreach(pattern ${ARGN})
        file(GLOB found "${pattern}")
        list(FILTER found EXCLUDE REGEX "\\.(lib|pdb|exp)$")
        if(NOT found)
            message(FATAL_ERROR "Nothing to pack as ${role}: no ${pattern}")
        endif()
        list(SORT found)
        foreach(file ${found})
            list(APPEND roles ${role})
            list(APPEND files "${file}")
        endforeach()
    endforeach()
endmacro()

# A file that says what it said before keeps its time, so that Maven leaves the jar alone.
function(write file text)
    if(EXISTS "${file}")
        file(READ "${file}" before)
    endif()
    if(NOT "${before}" STREQUAL "${text}")
        file(WRITE "${file}" "${text}")
    endif()
endfunction()

if(PACK_CORE)
    pack(base "${PACK_LIBRARIES}/*ggml-base.*")
    pack(library "${PACK_LIBRARIES}/*ggml.*" "${PACK_LIBRARIES}/*llama.*" "${PACK_LIBRARIES}/*llama-common.*")
    pack(shim "${PACK_SHIM}")
    pack(cpu "${PACK_LIBRARIES}/*ggml-cpu*")
endif()
if(PACK_PLUGIN)
    pack(plugin "${PACK_LIBRARIES}/*ggml-${PACK_PLUGIN}*")
endif()
pack(notice "${PACK_NOTICE}")

string(REPLACE "|" "\n" index "${PACK_HEADER}")
set(names "")
list(LENGTH files count)
math(EXPR last "${count} - 1")
foreach(n RANGE ${last})
    list(GET files ${n} file)
    list(GET roles ${n} role)
    get_filename_component(name "${file}" NAME)
    file(MAKE_DIRECTORY "${folder}")
    file(COPY_FILE "${file}" "${folder}/${name}" ONLY_IF_DIFFERENT)
    file(SIZE "${folder}/${name}" size)
    file(SHA256 "${folder}/${name}" digest)
    math(EXPR number "${n} + 1")
    string(APPEND index "\nfile.${number}.name=${name}\nfile.${number}.size=${size}\nfile.${number}.sha256=${digest}"
        "\nfile.${number}.role=${role}")
    list(APPEND names "${name}")
endforeach()
write("${folder}/index.properties" "${index}\n")
# Class loaders cannot list folders: this file has the same name in every native jar, and names the index.
write("${PACK_OUTPUT}/META-INF/panllama/natives.index" "${path}/index.properties\n")

# What an earlier pin or profile left behind must not reach the jar.
file(GLOB present RELATIVE "${folder}" "${folder}/*")
foreach(name ${present})
    if(NOT name STREQUAL "index.properties" AND NOT name IN_LIST names)
        file(REMOVE "${folder}/${name}")
    endif()
endforeach()
