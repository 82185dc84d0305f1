// What the shim's own files share. Not part of the contract: nothing here is exported.
#ifndef PANLLAMA_INTERNAL_H
#define PANLLAMA_INTERNAL_H

#include "panllama.h"

#if !defined(_WIN32)
#    include <locale.h>
#    if defined(__APPLE__)
#        include <xlocale.h>
#    endif
#endif

#include <exception>
#include <string>
#include <utility>

namespace panllama {

// Keeps `reason` for panllama_last_error() and returns PANLLAMA_FAILED.
int32_t failed(const char * reason) noexcept;

// While it lives, this thread reads and writes numbers as C does, with a point, and dates with C's names. A JVM takes over
// the user's locale, and under one with a decimal comma llama.cpp's templates would read 0.5 as 0, and its log, which Java
// reads, would say 0,13 MiB. The process keeps its locale: it is not ours alone.
class c_numbers {
  public:
    c_numbers() noexcept;
    ~c_numbers();
    c_numbers(const c_numbers &)             = delete;
    c_numbers & operator=(const c_numbers &) = delete;

  private:
#if defined(_WIN32)
    int         per_thread;
    std::string numbers_before;
    std::string dates_before;
#else
    locale_t before;
#endif
};

// Runs `body`, which answers with a status, under C's numbers, and turns whatever it throws into PANLLAMA_FAILED.
template <typename Body> int32_t guarded(Body && body) noexcept {
    try {
        const c_numbers numbers;
        return std::forward<Body>(body)();
    } catch (const std::exception & error) {
        return failed(error.what());
    } catch (...) {
        return failed("unknown C++ exception");
    }
}

// As guarded, for a body that has no status of its own.
template <typename Body> int32_t guarded_ok(Body && body) noexcept {
    return guarded([&] {
        std::forward<Body>(body)();
        return PANLLAMA_OK;
    });
}

// For a destructor in C's clothes: there is nobody to tell.
template <typename Body> void swallowed(Body && body) noexcept {
    try {
        std::forward<Body>(body)();
    } catch (...) {
    }
}

// While it lives, keeps what llama.cpp logs on this thread as an error: many of its functions answer NULL and write
// the reason to the log alone. Kept below the log's own level too. May be nested; the innermost one listens.
class complaints {
  public:
    complaints() noexcept;
    ~complaints();
    complaints(const complaints &)             = delete;
    complaints & operator=(const complaints &) = delete;

    // Fails with the errors heard, or with the last warning, or with `otherwise`.
    int32_t fail(const char * otherwise) const noexcept;

    // Told by the log hook.
    void hear(int32_t level, const char * text) noexcept;

  private:
    complaints * outer;
    std::string  errors;
    std::string  warning;
};

// While it lives, is shown each message that llama.cpp logs on this thread, in the parts that llama.cpp sends, before the
// log gets it, and answers whether the log shall. May throw, out of the llama.cpp function that logs. One at a time in a
// thread.
class eavesdropper {
  public:
    eavesdropper() noexcept;
    virtual ~eavesdropper();
    eavesdropper(const eavesdropper &)             = delete;
    eavesdropper & operator=(const eavesdropper &) = delete;

    virtual bool hear(int32_t level, const char * text) = 0;
};

// Owns a grammar of llama.cpp's, NULL for NULL, and is one that also throws where a token takes too long. With `text`,
// the grammar's own, it lets only tokens through that go on with UTF-8 and that a reader of the text sees: llama.cpp's
// takes bytes that are no characters for some, and control tokens for the letters of their names.
llama_sampler * bound_grammar(llama_sampler * grammar, const llama_vocab * vocab, const char * text);
// The name of the sampler that panllama_sampler_reply_grammar() makes.
inline constexpr char REPLY_GRAMMAR[] = "reply-grammar";

// Whether every grammar in the sampler (a chain or not) lets `token` come next. llama.cpp aborts the process when a
// grammar accepts an end-of-generation token that it does not allow, so this is asked before each accept.
bool permits(llama_sampler * sampler, llama_token token);

// Accepts a token that permits() allows. When it throws, the sampler may have accepted in part, and a grammar is left
// in a state that the next use would abort on: the sampler is reset before the exception goes on.
void accept_or_reset(llama_sampler * sampler, llama_token token);

// Has a context compute a single token by one number of threads and a batch by another; it keeps them from step to step.
void set_threads(llama_context * context, int32_t n_threads, int32_t n_threads_batch);

// Frees a context, and then the threads that it had.
void free_context(llama_context * context);

}  // namespace panllama

#endif  // PANLLAMA_INTERNAL_H
