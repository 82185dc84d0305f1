# llama.cpp from the packages that pin.json names: imported targets for the shim to link.

panllama_pin_row(row "${PANLLAMA_PLATFORM}" "${PANLLAMA_PLUGIN}")
panllama_fetch(package ${row})
panllama_pin(folder ${row} folder)
panllama_pin(plugin ${row} plugin)
panllama_unpack(unpacked "${package}" "${folder}/*")
set(PANLLAMA_LIBRARIES "${unpacked}/${folder}")
panllama_pin(name ${row} package)
panllama_pin(version ${row} version)
set(PANLLAMA_ORIGIN "${name}@${version}")

# panllama_import(TARGET): the library of that name in the package, whatever release or variant its file name carries.
function(panllama_import target)
    file(GLOB found "${PANLLAMA_LIBRARIES}/*${target}.*${CMAKE_SHARED_LIBRARY_SUFFIX}"
        "${PANLLAMA_LIBRARIES}/*${target}${CMAKE_SHARED_LIBRARY_SUFFIX}")
    list(REMOVE_DUPLICATES found)
    list(LENGTH found count)
    if(NOT count EQUAL 1)
        message(FATAL_ERROR "Expected one ${target} library in ${PANLLAMA_LIBRARIES}, found ${count}: ${found}")
    endif()
    add_library(${target} SHARED IMPORTED)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION "${found}")
    # Windows links against an import library, which has to lie beside the DLL.
    string(REGEX REPLACE "\\.dll$" ".lib" import_library "${found}")
    set_target_properties(${target} PROPERTIES IMPORTED_IMPLIB "${import_library}")
endfunction()

if(NOT PANLLAMA_PLUGIN)
    foreach(library ggml-base ggml llama llama-common)
        panllama_import(${library})
    endforeach()
endif()
