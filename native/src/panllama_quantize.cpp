// Quantising. See panllama.h.
#include "panllama_internal.h"

using namespace panllama;

namespace {

// Not a std::exception, which llama_model_quantize would catch and log as a fault.
struct stopped {};

class quantize_listener final : public eavesdropper {
  public:
    quantize_listener(panllama_quantize_callback callback, void * user_data, bool dry_run) noexcept :
        callback(callback),
        user_data(user_data),
        dry_run(dry_run) {}

    // Between two tensors no other thread works and nothing but the output is open: there, and only there, it may end.
    bool hear(int32_t level, const char * text) override {
        const bool go_on = callback(text, user_data);
        if (!go_on && text[0] == '[') {
            throw stopped();
        }
        // What a dry run warns of is told again when it is done, or is an answer and no warning.
        return !dry_run || level == GGML_LOG_LEVEL_ERROR;
    }

  private:
    panllama_quantize_callback callback;
    void *                     user_data;
    bool                       dry_run;
};

}  // namespace

int32_t panllama_quantize(const char * source, const char * target, const struct llama_model_quantize_params * params,
                          panllama_quantize_callback callback, void * user_data) noexcept {
    return guarded([&] {
        complaints        heard;
        quantize_listener listener(callback, user_data, params->dry_run);
        try {
            return llama_model_quantize(source, target, params) == 0 ? PANLLAMA_OK :
                                                                       heard.fail("the model could not be quantised");
        } catch (const stopped &) {
            return failed("the listener ended the work");
        }
    });
}
