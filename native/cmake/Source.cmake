# llama.cpp's source tree: headers for the shim, the licence, and for -Pllama-source everything.

# What the shim compiles against, what says whose code it is and which release, and the templates that tests render.
set(PANLLAMA_HEADERS_ONLY include src/llama-ext.h ggml/include common vendor models/templates LICENSE licenses CMakeLists.txt)

# panllama_clone(<variable> ORIGIN [GIT OPTION...]): a clone below the build folder, made once for each origin. Only
# a source build checks out the whole tree.
function(panllama_clone variable origin)
    if(PANLLAMA_BUILD STREQUAL "source")
        set(paths .)
    else()
        set(paths ${PANLLAMA_HEADERS_ONLY})
    endif()
    string(SHA256 key "${origin} ${PANLLAMA_RELEASE} ${paths}")
    string(SUBSTRING "${key}" 0 8 key)
    set(folder "${CMAKE_BINARY_DIR}/llama.cpp-${key}")
    if(NOT EXISTS "${folder}/.git/panllama-complete")
        find_package(Git QUIET)
        if(NOT GIT_FOUND)
            message(FATAL_ERROR "git is needed to read llama.cpp's source from ${origin}")
        endif()
        file(REMOVE_RECURSE "${folder}")
        message(STATUS "Cloning llama.cpp from ${origin}")
        set(git "${CMAKE_COMMAND}" -E env GIT_TERMINAL_PROMPT=0 "${GIT_EXECUTABLE}")
        execute_process(
            COMMAND ${git} clone --quiet --no-checkout ${ARGN} "${origin}" "${folder}"
            COMMAND_ERROR_IS_FATAL ANY)
        execute_process(
            COMMAND ${git} -C "${folder}" checkout --quiet HEAD -- ${paths}
            COMMAND_ERROR_IS_FATAL ANY)
        file(TOUCH "${folder}/.git/panllama-complete")
    endif()
    set(${variable} "${folder}" PARENT_SCOPE)
endfunction()

# The three numbers that llama.cpp's own CMakeLists.txt sets.
function(panllama_release_of tree variable)
    set(numbers "")
    foreach(part MAJOR MINOR PATCH)
        file(STRINGS "${tree}/CMakeLists.txt" line REGEX "^set\\(LLAMA_VERSION_${part} " LIMIT_COUNT 1)
        string(REGEX MATCH "[0-9]+" number "${line}")
        list(APPEND numbers "${number}")
    endforeach()
    list(JOIN numbers "." release)
    set(${variable} "${release}" PARENT_SCOPE)
endfunction()

# panllama_source(<variable>): the tree that PANLLAMA_SOURCE names (a checkout, a bundle, a git URL), else the pin's.
function(panllama_source variable)
    if(IS_DIRECTORY "${PANLLAMA_SOURCE}" AND EXISTS "${PANLLAMA_SOURCE}/CMakeLists.txt")
        set(tree "${PANLLAMA_SOURCE}")
    elseif(EXISTS "${PANLLAMA_SOURCE}")
        panllama_clone(tree "${PANLLAMA_SOURCE}")
    elseif(PANLLAMA_SOURCE)
        panllama_clone(tree "${PANLLAMA_SOURCE}" --depth 1 --branch "v${PANLLAMA_RELEASE}")
    else()
        panllama_fetch(package source)
        panllama_pin(bundle source bundle)
        panllama_unpack(unpacked "${package}" "${bundle}")
        panllama_clone(tree "${unpacked}/${bundle}")
    endif()
    # The generated bindings are those of the pinned release, and the loader accepts no other.
    panllama_release_of("${tree}" release)
    if(NOT release STREQUAL PANLLAMA_RELEASE)
        message(FATAL_ERROR "${tree} is llama.cpp ${release}, and native/pin.json names ${PANLLAMA_RELEASE}")
    endif()
    set(${variable} "${tree}" PARENT_SCOPE)
endfunction()

# One notice for the jar: llama.cpp's licence, and those of the code that it contains.
function(panllama_notice tree file)
    file(GLOB licences "${tree}/licenses/*" "${tree}/vendor/*/LICENSE*")
    list(SORT licences)
    set(text "")
    foreach(licence IN ITEMS "${tree}/LICENSE" LISTS licences)
        file(READ "${licence}" one)
        file(RELATIVE_PATH path "${tree}" "${licence}")
        string(APPEND text "---- llama.cpp ${PANLLAMA_RELEASE}: ${path} ----\n\n${one}\n")
    endforeach()
    file(WRITE "${file}" "${text}")
endfunction()
