package io.github.panllama.abuse;

import io.github.panllama.Batch;
import io.github.panllama.DecodeException;
import io.github.panllama.LlamaContext;
import io.github.panllama.LlamaModel;
import io.github.panllama.Sampler;
import io.github.panllama.TextGenerator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Objects of one thread at a time, used by several. */
final class ThreadCases {
    /** What a thread does. */
    @FunctionalInterface
    private interface Work {
        void run(int thread) throws Exception;
    }

    private ThreadCases() {}

    static void register(AbuseCases cases) {
        cases.family("threads");
        cases.lives("one context decoded by four", f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().contextSize(4096))) {
                race(
                        200,
                        thread -> AbuseFixture.decode(
                                context, thread, context.memory().maxPosition(thread) + 1, 2));
            }
        });
        cases.lives("one batch filled by four", f -> {
            try (LlamaContext context = f.context();
                    Batch batch = context.newBatch()) {
                race(2000, thread -> {
                    if (batch.size() > 50) {
                        batch.clear();
                    }
                    batch.add(1, 0, thread, true);
                });
            }
        });
        cases.lives("one batch filled and decoded", f -> {
            try (LlamaContext context = f.context(AbuseFixture.small().contextSize(4096));
                    Batch batch = context.newBatch()) {
                race(300, thread -> {
                    if (thread == 0) {
                        context.decode(batch);
                    } else {
                        batch.clear();
                        batch.add(1, context.memory().maxPosition(0) + 1, 0, true);
                    }
                });
            }
        });
        cases.lives("one sampler, four threads", f -> {
            try (Sampler sampler = Sampler.greedy(f.model())) {
                race(2000, thread -> sampler.sample(new float[512]));
            }
        });
        cases.lives("logits read while another decodes", f -> {
            try (LlamaContext context =
                    f.context(AbuseFixture.small().contextSize(8192).maxSequences(1))) {
                AbuseFixture.decode(context, 0, 0, 1);
                race(500, thread -> {
                    if (thread == 0) {
                        AbuseFixture.decode(context, 0, context.memory().maxPosition(0) + 1, 1);
                    } else {
                        context.logits(0).toArray();
                    }
                });
            }
        });
        cases.lives(
                "one tokenizer, four threads",
                f -> race(300, thread -> {
                    int[] tokens = f.model().tokenizer().encode("a text of thread " + thread);
                    f.model().tokenizer().decode(tokens);
                }));
        closing(cases);
        others(cases);
    }

    private static void closing(AbuseCases cases) {
        cases.lives("a model closed while others tokenize", f -> {
            for (int i = 0; i < 10; i++) {
                LlamaModel model = f.freshModel();
                race(200, thread -> {
                    if (thread == 0) {
                        model.close();
                    } else {
                        model.tokenizer().decode(model.tokenizer().encode("some text to be encoded"));
                        model.metadata();
                    }
                });
            }
        });
        cases.lives("a context closed while another decodes", f -> {
            for (int i = 0; i < 10; i++) {
                LlamaContext context = f.context();
                race(100, thread -> {
                    if (thread == 0) {
                        context.close();
                    } else {
                        AbuseFixture.decode(context, thread, context.memory().maxPosition(thread) + 1, 2);
                        context.contextSize();
                        context.threads();
                        context.pooling();
                    }
                });
                context.close();
            }
        });
        cases.lives("a context closed while another aborts", f -> {
            for (int i = 0; i < 20; i++) {
                LlamaContext context = f.context();
                race(500, thread -> {
                    if (thread == 0) {
                        context.close();
                    } else {
                        context.abort();
                    }
                });
            }
        });
        cases.lives("a batch closed while another fills it", f -> {
            for (int i = 0; i < 20; i++) {
                try (LlamaContext context = f.context()) {
                    Batch batch = context.newBatch();
                    race(200, thread -> {
                        if (thread == 0) {
                            batch.close();
                        } else {
                            batch.add(1, 0, 0, true);
                            batch.setOutput(0, false);
                        }
                    });
                }
            }
        });
        cases.lives("a sampler closed while another samples", f -> {
            for (int i = 0; i < 20; i++) {
                Sampler sampler = Sampler.greedy(f.model());
                race(200, thread -> {
                    if (thread == 0) {
                        sampler.close();
                    } else {
                        sampler.accept(1);
                        sampler.copy().close();
                    }
                });
                sampler.close();
            }
        });
        cases.lives("everything closed by four threads at once", f -> {
            for (int i = 0; i < 10; i++) {
                LlamaModel model = f.freshModel();
                LlamaContext context = model.newContext(AbuseFixture.small().build());
                Sampler sampler = Sampler.greedy(model);
                race(3, thread -> {
                    model.close();
                    sampler.close();
                    context.close();
                });
                sampler.close();
                context.close();
            }
        });
    }

    private static void others(AbuseCases cases) {
        cases.lives("made by one thread, used by another, closed by a third", f -> {
            AtomicReference<@Nullable LlamaContext> made = new AtomicReference<>();
            onAnother(() -> made.set(f.context()));
            LlamaContext context = made.get();
            if (context != null) {
                onAnother(() -> AbuseFixture.decode(context, 0, 0, 5));
                onAnother(context::close);
            }
        });
        cases.lives("virtual threads", f -> {
            try (TextGenerator generator =
                    TextGenerator.of(f.model(), AbuseFixture.small().build())) {
                List<Thread> threads = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    threads.add(Thread.startVirtualThread(() -> {
                        try {
                            generator.generate("a");
                        } catch (IllegalStateException busy) {
                            Thread.onSpinWait();
                        }
                    }));
                }
                for (Thread thread : threads) {
                    thread.join();
                }
            }
        });
        cases.lives("an interrupted thread", f -> {
            Thread.currentThread().interrupt();
            try (LlamaContext context = f.decoded(5)) {
                context.state().save();
            } finally {
                Thread.interrupted();
            }
        });
        cases.livesOr(
                "decoded, aborted by another thread again and again",
                f -> {
                    try (LlamaContext context =
                            f.context(AbuseFixture.small().contextSize(4096).maxSequences(1))) {
                        race(300, thread -> {
                            if (thread == 0) {
                                context.abort();
                            } else {
                                AbuseFixture.decode(context, 0, context.memory().maxPosition(0) + 1, 32);
                            }
                        });
                    }
                },
                DecodeException.class);
        cases.rejects("a stack that is nearly used up", StackOverflowError.class, f -> {
            try (LlamaContext context = f.context()) {
                deep(context, 0);
            }
        });
    }

    private static int deep(LlamaContext context, int depth) {
        int position = context.memory().maxPosition(0) + 1;
        if (position < 250) {
            AbuseFixture.decode(context, 0, position, 1);
        }
        return depth < 0 ? 0 : 1 + deep(context, depth + 1);
    }

    private static void onAnother(Runnable work) throws InterruptedException {
        Thread thread = new Thread(work);
        thread.start();
        thread.join();
    }

    /** Four threads do the same at once; what says that the object is busy, closed or full is as documented. */
    private static void race(int rounds, Work work) throws Exception {
        CountDownLatch start = new CountDownLatch(1);
        AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();
        AtomicInteger running = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            int index = i;
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    start.await();
                    running.incrementAndGet();
                    for (int round = 0; round < rounds; round++) {
                        attempt(work, index);
                    }
                } catch (Throwable e) {
                    wrong.compareAndSet(null, e);
                }
            }));
        }
        start.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        Throwable thrown = wrong.get();
        if (thrown != null) {
            throw new IllegalStateException("a thread ended with " + thrown, thrown);
        }
    }

    private static void attempt(Work work, int index) throws Exception {
        try {
            work.run(index);
        } catch (IllegalStateException | IllegalArgumentException | IndexOutOfBoundsException | DecodeException e) {
            Thread.onSpinWait();
        }
    }
}
