# The shim: a C surface over llama and llama-common. Its own code compiles without a warning, or not at all.

file(GLOB shim_sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/src/*.cpp")
add_library(panllama SHARED ${shim_sources})
target_compile_features(panllama PRIVATE cxx_std_17)
target_compile_definitions(panllama PRIVATE PANLLAMA_RELEASE="${PANLLAMA_RELEASE}")
set_target_properties(panllama PROPERTIES
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/shim"
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/shim"
    # All libraries of a platform lie in one folder. The C++ runtime stays shared: exceptions cross from llama.cpp.
    BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$<IF:$<PLATFORM_ID:Darwin>,@loader_path,$ORIGIN>")

# Directly, not through the targets: as system headers, llama.cpp's own warnings stay out of -Werror.
target_include_directories(panllama SYSTEM PRIVATE
    "${PANLLAMA_TREE}/include" "${PANLLAMA_TREE}/ggml/include" "${PANLLAMA_TREE}/common" "${PANLLAMA_TREE}/vendor")
target_link_libraries(panllama PRIVATE llama-common llama ggml ggml-base)
if(MSVC)
    target_compile_options(panllama PRIVATE /W4 /WX /external:W0)
else()
    target_compile_options(panllama PRIVATE -Wall -Wextra -Wpedantic -Werror)
endif()
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    # A symbol that llama.cpp no longer has fails here, not at the first call; paths of the builder stay out.
    target_link_options(panllama PRIVATE -Wl,--no-undefined -s)
    target_compile_options(panllama PRIVATE "-ffile-prefix-map=${CMAKE_CURRENT_SOURCE_DIR}=native"
        "-ffile-prefix-map=${PANLLAMA_TREE}=llama.cpp")
endif()
