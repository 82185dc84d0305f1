# Reads pin.json, the one file that says which llama.cpp this is and what may be downloaded.

set(PANLLAMA_PIN_FILE "${CMAKE_CURRENT_LIST_DIR}/../pin.json")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${PANLLAMA_PIN_FILE}")
file(READ "${PANLLAMA_PIN_FILE}" PANLLAMA_PIN)

# panllama_pin(<variable> KEY...): the value at that path; "" when it is missing or null.
function(panllama_pin variable)
    string(JSON value ERROR_VARIABLE missing GET "${PANLLAMA_PIN}" ${ARGN})
    if(missing)
        set(value "")
    endif()
    set(${variable} "${value}" PARENT_SCOPE)
endfunction()

# panllama_pin_row(<variable> PLATFORM PLUGIN): the path of the row that is packed, as a list of keys.
function(panllama_pin_row variable platform plugin)
    set(row platforms "${platform}")
    if(plugin)
        list(APPEND row plugins "${plugin}")
    endif()
    panllama_pin(package ${row} package)
    if(NOT package)
        list(JOIN row "/" path)
        message(FATAL_ERROR "native/pin.json has no row ${path}: llama.cpp is not pinned for this platform. "
            "Add the row, or build llama.cpp itself with -Pllama-source where it is a platform that is missing.")
    endif()
    set(${variable} "${row}" PARENT_SCOPE)
endfunction()
