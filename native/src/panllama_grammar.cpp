// Grammars as the shim makes them: llama.cpp's own, held to UTF-8, to what a reader sees, and to a time. See
// panllama_internal.h.
#include "panllama_internal.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace panllama;

namespace {

// ---- UTF-8 ----------------------------------------------------------------------------------------------------------

// Where in a character a text of UTF-8 stands: how many bytes it still wants, and in which range the next one has to
// be.
struct utf8_place {
    int wanted = 0;
    int least  = 0x80;
    int most   = 0xbf;

    void enter(int bytes, int from, int to) { *this = { bytes, from, to }; }

    // Goes over a byte, unless no character has it there: the forms that are too long, surrogates, and what lies beyond
    // U+10FFFF are no characters (RFC 3629).
    bool step(uint8_t byte) {
        if (wanted > 0) {
            if (byte < least || byte > most) {
                return false;
            }
            enter(wanted - 1, 0x80, 0xbf);
            return true;
        }
        if (byte < 0x80) {
            return true;
        }
        if (byte < 0xc2 || byte > 0xf4) {
            return false;
        }
        if (byte < 0xe0) {
            enter(1, 0x80, 0xbf);
        } else if (byte < 0xf0) {
            enter(2, byte == 0xe0 ? 0xa0 : 0x80, byte == 0xed ? 0x9f : 0xbf);
        } else {
            enter(3, byte == 0xf0 ? 0x90 : 0x80, byte == 0xf4 ? 0x8f : 0xbf);
        }
        return true;
    }

    bool step(const std::string & bytes) {
        for (const char byte : bytes) {
            if (!step(static_cast<uint8_t>(byte))) {
                return false;
            }
        }
        return true;
    }
};

// ---- time -----------------------------------------------------------------------------------------------------------

// Seconds that this thread has computed: a machine that is busy with something else does not count.
double computed() {
#if defined(CLOCK_THREAD_CPUTIME_ID)
    timespec now{};
    if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0) {
        return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
    }
#endif
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// How long one token may take. llama.cpp follows every way through the rules at the same time, and where they are
// ambiguous there may be twice as many with every token: the one after would take twice as long.
constexpr double most_seconds = 1;

template <typename Work> void timed(Work && work) {
    const double begin = computed();
    work();
    if (computed() - begin > most_seconds) {
        throw std::runtime_error("the grammar is too ambiguous: one token took more than a second");
    }
}

// ---- the sampler ----------------------------------------------------------------------------------------------------

struct sampler_deleter {
    void operator()(llama_sampler * sampler) const { llama_sampler_free(sampler); }
};

using sampler_ptr = std::unique_ptr<llama_sampler, sampler_deleter>;

struct bounded_grammar {
    sampler_ptr              grammar;
    const llama_vocab *      vocab;
    bool                     text;     // whether it is in force from the first token, and so for the whole text
    std::vector<llama_token> control;  // the control tokens that it names, in order
    utf8_place               place;
};

bounded_grammar & of(const llama_sampler * sampler) {
    return *static_cast<bounded_grammar *>(sampler->ctx);
}

// The bytes of a token, in a buffer that the thread keeps.
const std::string & piece(const llama_vocab * vocab, llama_token token) {
    thread_local std::string bytes(64, '\0');
    bytes.resize(bytes.capacity());
    int32_t length = llama_token_to_piece(vocab, token, bytes.data(), static_cast<int32_t>(bytes.size()), 0, true);
    if (length < 0) {
        bytes.resize(static_cast<size_t>(-length));
        length = llama_token_to_piece(vocab, token, bytes.data(), static_cast<int32_t>(bytes.size()), 0, true);
    }
    bytes.resize(static_cast<size_t>(length < 0 ? 0 : length));
    return bytes;
}

const char * name_of(const llama_sampler * /* sampler */) {
    return "grammar";
}

// Whether the grammar takes the token for what the reader of the text will see: other control tokens are left out
// there, and the letters of their names, which the grammar would take them for, with them.
bool is_text(const bounded_grammar & bounded, llama_token token) {
    return (llama_vocab_get_attr(bounded.vocab, token) & LLAMA_TOKEN_ATTR_CONTROL) == 0 ||
           std::binary_search(bounded.control.begin(), bounded.control.end(), token);
}

// The control tokens that a grammar names, in a literal, as <name> or as <[id]>.
std::vector<llama_token> named_control(const llama_vocab * vocab, const std::string & grammar) {
    std::vector<llama_token> named;
    for (llama_token token = 0, n = llama_vocab_n_tokens(vocab); token < n; ++token) {
        if ((llama_vocab_get_attr(vocab, token) & LLAMA_TOKEN_ATTR_CONTROL) != 0 &&
            (grammar.find(piece(vocab, token)) != std::string::npos ||
             grammar.find("<[" + std::to_string(token) + "]>") != std::string::npos)) {
            named.push_back(token);
        }
    }
    return named;
}

void accept(llama_sampler * sampler, llama_token token) {
    bounded_grammar & bounded = of(sampler);
    timed([&] { llama_sampler_accept(bounded.grammar.get(), token); });
    if (bounded.text && !llama_vocab_is_eog(bounded.vocab, token)) {
        bounded.place.step(piece(bounded.vocab, token));
    }
}

void apply(llama_sampler * sampler, llama_token_data_array * candidates) {
    bounded_grammar & bounded = of(sampler);
    timed([&] { llama_sampler_apply(bounded.grammar.get(), candidates); });
    for (size_t i = 0; bounded.text && i < candidates->size; ++i) {
        llama_token_data & candidate = candidates->data[i];
        if (std::isinf(candidate.logit) || llama_vocab_is_eog(bounded.vocab, candidate.id)) {
            continue;
        }
        utf8_place place = bounded.place;
        if (!is_text(bounded, candidate.id) || !place.step(piece(bounded.vocab, candidate.id))) {
            candidate.logit = -INFINITY;
        }
    }
}

void reset(llama_sampler * sampler) {
    llama_sampler_reset(of(sampler).grammar.get());
    of(sampler).place = {};
}

llama_sampler * make(bounded_grammar && bounded);

llama_sampler * clone(const llama_sampler * sampler) {
    const bounded_grammar & bounded = of(sampler);
    return make({ sampler_ptr(llama_sampler_clone(bounded.grammar.get())), bounded.vocab, bounded.text, bounded.control,
                  bounded.place });
}

void destroy(llama_sampler * sampler) {
    delete static_cast<bounded_grammar *>(sampler->ctx);
}

llama_sampler_i functions() {
    llama_sampler_i made{};
    made.name   = name_of;
    made.accept = accept;
    made.apply  = apply;
    made.reset  = reset;
    made.clone  = clone;
    made.free   = destroy;
    return made;
}

llama_sampler * make(bounded_grammar && bounded) {
    static llama_sampler_i shared = functions();
    auto                   owned  = std::make_unique<bounded_grammar>(std::move(bounded));
    return llama_sampler_init(&shared, owned.release());
}

}  // namespace

namespace panllama {

llama_sampler * bound_grammar(llama_sampler * grammar, const llama_vocab * vocab, const char * text) {
    sampler_ptr owned(grammar);
    if (!owned) {
        return nullptr;
    }
    std::vector<llama_token> control;
    if (text != nullptr) {
        control = named_control(vocab, text);
    }
    return make({ std::move(owned), vocab, text != nullptr, std::move(control), {} });
}

}  // namespace panllama
