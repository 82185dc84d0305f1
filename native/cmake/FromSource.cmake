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

# `all`: one library for each kind of CPU, chosen at run time. `one`: a single library with ggml's default instruction
# sets (AVX2 on x86). ggml refuses to tune a plugin for the building machine.
set(GGML_NATIVE OFF)
if(PANLLAMA_CPU_VARIANTS STREQUAL "all")
    set(GGML_CPU_ALL_VARIANTS ON)
elseif(PANLLAMA_CPU_VARIANTS STREQUAL "one")
    set(GGML_CPU_ALL_VARIANTS OFF)
else()
    message(FATAL_ERROR "-Dllama.cpu.variants=${PANLLAMA_CPU_VARIANTS}: neither `all` nor `one`")
endif()
if(PANLLAMA_CUDA_ARCHITECTURES)
    set(GGML_CUDA ON)
    set(CMAKE_CUDA_ARCHITECTURES "${PANLLAMA_CUDA_ARCHITECTURES}")
    set(plugin cuda)
endif()
# The libraries find each other in their own folder, and the builder's paths stay out of them.
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
if(APPLE)
    set(CMAKE_INSTALL_RPATH "@loader_path")
else()
    set(CMAKE_INSTALL_RPATH "$ORIGIN")
endif()
if(NOT MSVC)
    add_compile_options("$<$<COMPILE_LANGUAGE:C,CXX>:-ffile-prefix-map=${PANLLAMA_TREE}=llama.cpp>")
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
