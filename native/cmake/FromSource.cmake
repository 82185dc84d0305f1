# llama.cpp built here (profile llama-source), with the layout of the packages: shared libraries without a version in
# their names, every backend a plugin that ggml loads at run time.

set(BUILD_SHARED_LIBS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_PLATFORM_NO_VERSIONED_SONAME ON)
set(GGML_BACKEND_DL ON)
set(LLAMA_BUILD_COMMON ON)
foreach(part APP EXAMPLES SERVER TESTS TOOLS UI)
    set(LLAMA_BUILD_${part} OFF)
endforeach()
# No downloading of models by the native side: neither TLS nor the prebuilt web pages.
set(LLAMA_OPENSSL OFF)
set(LLAMA_USE_PREBUILT_UI OFF)

# `all`: one library for each kind of CPU, chosen at run time. `native`: one, for the machine that builds.
if(PANLLAMA_CPU_VARIANTS STREQUAL "native")
    set(GGML_NATIVE ON)
    set(GGML_CPU_ALL_VARIANTS OFF)
elseif(PANLLAMA_CPU_VARIANTS STREQUAL "all")
    set(GGML_NATIVE OFF)
    set(GGML_CPU_ALL_VARIANTS ON)
else()
    message(FATAL_ERROR "-Dllama.cpu.variants=${PANLLAMA_CPU_VARIANTS}: neither `all` nor `native`")
endif()
if(PANLLAMA_CUDA_ARCHITECTURES)
    set(GGML_CUDA ON)
    set(CMAKE_CUDA_ARCHITECTURES "${PANLLAMA_CUDA_ARCHITECTURES}")
    set(plugin cuda)
endif()
# Debug information and symbol tables would be most of the jar.
if(NOT MSVC AND NOT APPLE)
    add_link_options(-s)
endif()

# llama.cpp's own default, and the place that GGML_BACKEND_DL puts the plugins in.
set(PANLLAMA_LIBRARIES "${CMAKE_BINARY_DIR}/bin")
set(PANLLAMA_ORIGIN "built from source")
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
add_subdirectory("${PANLLAMA_TREE}" llama.cpp EXCLUDE_FROM_ALL)
