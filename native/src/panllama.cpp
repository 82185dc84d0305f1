// The process: errors, log, fatal hooks, backends. See panllama.h.
#include "panllama_internal.h"

#include "ggml.h"
#include "log.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>

#if defined(_WIN32)
#    include <locale.h>
#    include <windows.h>
#else
#    include <dlfcn.h>
#endif

#ifndef PANLLAMA_RELEASE
#    error "define PANLLAMA_RELEASE as the llama.cpp release that the headers come from, such as \"0.5.0\""
#endif

namespace panllama {

// ---- errors ---------------------------------------------------------------------------------------------------------

namespace {

thread_local std::string    last_error;
thread_local const char *   last_error_text = "";
thread_local complaints *   listening       = nullptr;
thread_local eavesdropper * overhearing     = nullptr;

}  // namespace

int32_t failed(const char * reason) noexcept {
    try {
        last_error      = reason == nullptr || *reason == '\0' ? "llama.cpp gave no reason" : reason;
        last_error_text = last_error.c_str();
    } catch (...) {
        last_error_text = "out of memory";
    }
    return PANLLAMA_FAILED;
}

// ---- locale ---------------------------------------------------------------------------------------------------------

#if defined(_WIN32)

static std::string locale_of(int category) {
    const char * now = setlocale(category, nullptr);
    return now == nullptr ? "C" : now;
}

c_numbers::c_numbers() noexcept : per_thread(_configthreadlocale(_ENABLE_PER_THREAD_LOCALE)) {
    try {
        numbers_before = locale_of(LC_NUMERIC);
        dates_before   = locale_of(LC_TIME);
    } catch (...) {
        // Short names need no memory.
        numbers_before = "C";
        dates_before   = "C";
    }
    setlocale(LC_NUMERIC, "C");
    setlocale(LC_TIME, "C");
}

c_numbers::~c_numbers() {
    setlocale(LC_NUMERIC, numbers_before.c_str());
    setlocale(LC_TIME, dates_before.c_str());
    _configthreadlocale(per_thread);
}

#else

// The process's locale but for numbers and dates, made once. Null without memory for it, and then nothing changes.
static locale_t numbers_of_c() noexcept {
    static const locale_t locale = [] {
        const locale_t base = duplocale(LC_GLOBAL_LOCALE);
        const locale_t made = base == nullptr ? nullptr : newlocale(LC_NUMERIC_MASK | LC_TIME_MASK, "C", base);
        if (made == nullptr && base != nullptr) {
            freelocale(base);
        }
        return made;
    }();
    return locale;
}

c_numbers::c_numbers() noexcept : before(uselocale(numbers_of_c())) {}

c_numbers::~c_numbers() { uselocale(before); }

#endif

// ---- complaints -----------------------------------------------------------------------------------------------------

complaints::complaints() noexcept : outer(listening) { listening = this; }

complaints::~complaints() { listening = outer; }

int32_t complaints::fail(const char * otherwise) const noexcept {
    return failed(!errors.empty() ? errors.c_str() : !warning.empty() ? warning.c_str() : otherwise);
}

void complaints::hear(int32_t level, const char * text) noexcept {
    try {
        std::string line(text);
        while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) {
            line.pop_back();
        }
        if (line.empty()) {
            return;
        }
        if (level == GGML_LOG_LEVEL_ERROR) {
            errors += (errors.empty() ? "" : "; ") + line;
        } else if (level == GGML_LOG_LEVEL_WARN) {
            warning = line;
        }
    } catch (...) {
    }
}

eavesdropper::eavesdropper() noexcept { overhearing = this; }

eavesdropper::~eavesdropper() { overhearing = nullptr; }

// ---- log ------------------------------------------------------------------------------------------------------------

namespace {

struct log_sink {
    panllama_log_callback callback;
    void *                user_data;
    int32_t               min_level;
};

// Sinks that were replaced are never freed: another thread may still be about to call one.
std::atomic<const log_sink *> sink{ nullptr };

// A message that has not ended yet: llama.cpp sends the rest as GGML_LOG_LEVEL_CONT.
struct unfinished {
    int32_t     level = GGML_LOG_LEVEL_NONE;
    std::string text;
};

thread_local unfinished pending;

void deliver(int32_t level, const char * text) {
    if (listening != nullptr) {
        listening->hear(level, text);
    }
    const log_sink * to = sink.load(std::memory_order_acquire);
    if (to != nullptr && to->callback != nullptr && level >= to->min_level) {
        to->callback(level, text, to->user_data);
    }
}

void deliver_pending() {
    if (!pending.text.empty()) {
        std::string text;
        text.swap(pending.text);
        deliver(pending.level, text.c_str());
    }
}

bool ends_line(const char * text) {
    const size_t length = std::strlen(text);
    return length > 0 && text[length - 1] == '\n';
}

bool wanted(int32_t level) {
    const log_sink * to = sink.load(std::memory_order_acquire);
    return level >= GGML_LOG_LEVEL_WARN || (to != nullptr && to->callback != nullptr && level >= to->min_level);
}

void on_log(ggml_log_level level, const char * text, void *) {
    if (overhearing != nullptr && !overhearing->hear(level, text)) {
        return;
    }
    try {
        if (level != GGML_LOG_LEVEL_CONT) {
            deliver_pending();
            pending.level = level;
        }
        if (!wanted(pending.level)) {
            return;
        }
        if (pending.text.empty() && (ends_line(text) || pending.level >= GGML_LOG_LEVEL_WARN)) {
            deliver(pending.level, text);  // whole already; nobody continues a warning or an error
            return;
        }
        pending.text += text;
        if (ends_line(text)) {
            deliver_pending();
        }
    } catch (...) {
    }
}

// ---- fatal hooks ----------------------------------------------------------------------------------------------------

char             abort_text[4096];
std::atomic_flag aborting = ATOMIC_FLAG_INIT;

// The first message is the cause; what follows while the process dies is not kept.
void record_fatal(const char * kind, const char * message) {
    if (!aborting.test_and_set()) {
        std::snprintf(abort_text, sizeof abort_text, "%s: %s", kind, message);
    }
    std::fprintf(stderr, "panllama: %s: %s\n", kind, message);
    std::fflush(stderr);
}

void on_abort(const char * message) { record_fatal("llama.cpp aborts the process", message); }

[[noreturn]] void on_terminate() {
    try {
        if (std::current_exception() == nullptr) {
            record_fatal("llama.cpp ends the process", "std::terminate without an exception");
        } else {
            std::rethrow_exception(std::current_exception());
        }
    } catch (const std::exception & error) {
        record_fatal("uncaught C++ exception in llama.cpp", error.what());
    } catch (...) {
        record_fatal("uncaught C++ exception in llama.cpp", "of unknown type");
    }
    std::abort();
}

void prepare_process() {
    // libllama-common writes to the standard streams by itself. What it says is in the exceptions that it throws.
    common_log_set_verbosity_thold(-1);
    ggml_set_abort_callback(on_abort);
    std::set_terminate(on_terminate);
    // What llama_backend_init does, without its fallback of loading plugins from the working folder.
    ggml_time_init();
    ggml_free(ggml_init({ 0, nullptr, false }));
}

}  // namespace
}  // namespace panllama

using namespace panllama;

const char * panllama_built_for(void) noexcept { return PANLLAMA_RELEASE; }

const char * panllama_last_error(void) noexcept { return last_error_text; }

const char * panllama_abort_message(void) noexcept { return abort_text; }

int32_t panllama_init(panllama_log_callback log, void * user_data, int32_t min_level) noexcept {
    return guarded_ok([&] {
        sink.store(new log_sink{ log, user_data, min_level }, std::memory_order_release);
        llama_log_set(on_log, nullptr);  // also sets ggml's
        static std::once_flag once;
        std::call_once(once, prepare_process);
    });
}

// ---- backends -------------------------------------------------------------------------------------------------------

namespace {

#if defined(_WIN32)

std::string linker_error() {
    char text[512] = "";
    FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, GetLastError(), 0, text,
                   sizeof text, nullptr);
    return text;
}

void * open_library(const char * path) { return reinterpret_cast<void *>(LoadLibraryA(path)); }

void close_library(void * handle) { FreeLibrary(reinterpret_cast<HMODULE>(handle)); }

#else

std::string linker_error() {
    const char * text = dlerror();
    return text == nullptr ? "" : text;
}

void * open_library(const char * path) { return dlopen(path, RTLD_NOW | RTLD_LOCAL); }

void close_library(void * handle) { dlclose(handle); }

#endif

}  // namespace

int32_t panllama_backends_load(const char * folder) noexcept {
    return guarded_ok([&] { ggml_backend_load_all_from_path(folder); });
}

int32_t panllama_backend_load(const char * path, ggml_backend_reg_t * out) noexcept {
    *out = nullptr;
    return guarded([&] {
        // ggml only logs why the linker refused; opening the library first tells.
        void * handle = open_library(path);
        if (handle == nullptr) {
            return failed(linker_error().c_str());
        }
        complaints heard;
        *out = ggml_backend_load(path);
        close_library(handle);  // ggml holds its own
        return *out != nullptr ? PANLLAMA_OK : heard.fail("the plugin says that this machine does not support it");
    });
}

int32_t panllama_library_open(const char * path) noexcept {
    return guarded([&] { return open_library(path) != nullptr ? PANLLAMA_OK : failed(linker_error().c_str()); });
}

int32_t panllama_library_of(const void * address, char * path, size_t capacity) noexcept {
    return guarded([&] {
        std::string found;
#if defined(_WIN32)
        HMODULE module     = nullptr;
        char    name[4096] = "";
        if (GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                               static_cast<LPCSTR>(address), &module) &&
            GetModuleFileNameA(module, name, sizeof name) < sizeof name) {
            found = name;
        }
#else
        Dl_info info;
        if (dladdr(address, &info) != 0 && info.dli_fname != nullptr) {
            found = info.dli_fname;
        }
#endif
        if (found.empty()) {
            return failed("the address belongs to no shared library");
        }
        if (found.size() >= capacity) {
            return failed("the path does not fit into the buffer");
        }
        std::memcpy(path, found.c_str(), found.size() + 1);
        return PANLLAMA_OK;
    });
}

int32_t panllama_device_buffer_type(ggml_backend_dev_t device, ggml_backend_buffer_type_t * out) noexcept {
    *out = nullptr;
    return guarded([&] {
        ggml_backend_dev_t of = device != nullptr ? device : ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
        if (of == nullptr) {
            return failed("no CPU backend is loaded");
        }
        *out = ggml_backend_dev_buffer_type(of);
        return *out != nullptr ? PANLLAMA_OK : failed("the device has no buffer type");
    });
}
