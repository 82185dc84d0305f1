package io.github.panllama.abuse;

import io.github.panllama.LlamaException;
import io.github.panllama.engine.CompletionRequest;
import io.github.panllama.engine.EngineClosedException;
import io.github.panllama.engine.Generation;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.engine.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** Sessions under names that are not theirs, used twice at once, lost, or whose files somebody else has written. */
final class SessionCases {
    private SessionCases() {}

    /** What is done with an engine that has a session folder. */
    @FunctionalInterface
    private interface Work {
        void run(LlamaEngine engine, Path folder) throws Exception;
    }

    static void register(AbuseCases cases) {
        cases.family("session");
        ids(cases);
        atOnce(cases);
        many(cases);
        folders(cases);
        files(cases);
    }

    private static AbuseCase.Action saved(Work work) {
        return fixture -> {
            Path folder = fixture.newFile();
            try (LlamaEngine engine = LlamaEngine.start(
                    fixture.model(),
                    EngineSamples.options().sessionFolder(folder).build())) {
                work.run(engine, folder);
            }
        };
    }

    private static void ids(AbuseCases cases) {
        List<String> ids = List.of(
                "",
                ".",
                "..",
                "../a",
                "a/b",
                "a\\b",
                "/etc/passwd",
                "a\0",
                "\ud83d",
                "\u00e9",
                " ",
                "a.session",
                "a:b",
                "%2e%2e",
                "a\n",
                "a".repeat(129),
                "a".repeat(1 << 20),
                "CON ",
                "~",
                "$HOME",
                "*");
        for (int i = 0; i < ids.size(); i++) {
            String id = ids.get(i);
            cases.rejects(
                    "opened by the wrong id " + i,
                    IllegalArgumentException.class,
                    saved((engine, folder) -> engine.openSession(id)));
            cases.rejects("forked to the wrong id " + i, IllegalArgumentException.class, saved((engine, folder) -> {
                try (Session session = engine.openSession()) {
                    session.fork(id);
                }
            }));
        }
        cases.rejects("opened twice", IllegalStateException.class, saved((engine, folder) -> {
            engine.openSession("a");
            engine.openSession("a");
        }));
        cases.rejects(
                "forked to one that is open",
                IllegalStateException.class,
                saved((engine, folder) -> engine.openSession("a").fork("a")));
    }

    private static Generation start(Session session) {
        return session.generate(CompletionRequest.builder("a text")
                .maxTokens(200)
                .ignoreEndOfGeneration(true)
                .build());
    }

    private static void atOnce(AbuseCases cases) {
        cases.rejects("generates twice", IllegalStateException.class, saved((engine, folder) -> {
            Session session = engine.openSession();
            start(session);
            start(session);
        }));
        cases.rejects("rewound while it generates", IllegalStateException.class, saved((engine, folder) -> {
            Session session = engine.openSession();
            start(session);
            session.rewind(0);
        }));
        cases.rejects("saved while it generates", IllegalStateException.class, saved((engine, folder) -> {
            Session session = engine.openSession();
            start(session);
            session.save();
        }));
        cases.rejects("forked while it generates", IllegalStateException.class, saved((engine, folder) -> {
            Session session = engine.openSession();
            start(session);
            session.fork();
        }));
        cases.lives("closed while it generates", saved((engine, folder) -> {
            Session session = engine.openSession();
            Generation generation = start(session);
            session.close();
            generation.await();
        }));
        cases.rejects("saved after its engine", EngineClosedException.class, saved((engine, folder) -> {
            Session session = engine.openSession();
            engine.close();
            session.save();
        }));
        cases.lives("closed after its engine", saved((engine, folder) -> {
            Session session = engine.openSession();
            engine.close();
            session.close();
        }));
        for (int length : new int[] {Integer.MIN_VALUE, -1, 1, Integer.MAX_VALUE}) {
            cases.rejects(
                    "rewound to " + length,
                    IllegalArgumentException.class,
                    saved((engine, folder) -> engine.openSession().rewind(length)));
        }
        cases.rejects(
                "an empty one goes on from nothing",
                IllegalArgumentException.class,
                saved((engine, folder) -> engine.openSession()
                        .generate(CompletionRequest.builder(new int[0]).build())));
        cases.livesOr(
                "goes on until its context is full",
                saved((engine, folder) -> {
                    try (Session session = engine.openSession()) {
                        for (int i = 0; i < 10; i++) {
                            start(session).await();
                        }
                    }
                }),
                IllegalArgumentException.class);
        cases.lives("generates, saves, forks, rewinds and closes at once", saved((engine, folder) -> {
            for (int i = 0; i < 5; i++) {
                Session session = engine.openSession();
                together(
                        () -> start(session).await(),
                        session::save,
                        () -> session.fork().close(),
                        () -> session.rewind(0),
                        session::close);
                session.close();
            }
        }));
    }

    private static void together(Runnable... works) {
        List<Together.Work> all = new ArrayList<>();
        for (Runnable work : works) {
            all.add(() -> Documented.attempt(() -> {
                work.run();
                return null;
            }));
        }
        try {
            Together.run(all.toArray(Together.Work[]::new));
        } catch (Throwable thrown) {
            throw new AssertionError(thrown);
        }
    }

    private static void many(AbuseCases cases) {
        cases.lives("1,000 that nothing was asked of", saved((engine, folder) -> {
            for (int i = 0; i < 1000; i++) {
                engine.openSession();
            }
        }));
        cases.lives("50 that go on in turn", saved((engine, folder) -> {
            List<Session> sessions = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                sessions.add(engine.openSession());
            }
            for (int round = 0; round < 2; round++) {
                for (Session session : sessions) {
                    session.generate(EngineSamples.request().build()).await();
                }
            }
        }));
        cases.lives("a chain of 20 forks", saved((engine, folder) -> {
            Session session = engine.openSession();
            session.generate(EngineSamples.request().build()).await();
            for (int i = 0; i < 20; i++) {
                Session next = session.fork();
                session.close();
                session = next;
            }
            session.generate(EngineSamples.request().build()).await();
        }));
    }

    private static void folders(AbuseCases cases) {
        cases.rejects("a folder that is a file", LlamaException.class, f -> open(f, Files.createFile(f.newFile())));
        cases.rejects(
                "a folder in a file",
                LlamaException.class,
                f -> open(f, f.file().resolve("a")));
        cases.rejects("a folder that is a link to itself", LlamaException.class, f -> {
            Path link = f.newFile();
            open(f, Files.createSymbolicLink(link, link));
        });
        cases.rejects(
                "two engines in one folder",
                LlamaException.class,
                saved((engine, folder) -> LlamaEngine.start(
                        engine.model(),
                        EngineSamples.options().sessionFolder(folder).build())));
        cases.lives("a folder that is deleted meanwhile", saved((engine, folder) -> {
            Session session = engine.openSession("a");
            session.generate(EngineSamples.request().build()).await();
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
            try {
                session.save();
            } catch (LlamaException expected) {
                session.close();
            }
        }));
    }

    private static void open(AbuseFixture fixture, Path folder) {
        LlamaEngine.start(
                        fixture.model(),
                        EngineSamples.options().sessionFolder(folder).build())
                .close();
    }

    /** The file of a session is damaged between two engines. */
    private static void files(AbuseCases cases) {
        for (int permille : new int[] {0, 1, 10, 100, 500, 900, 999}) {
            cases.rejects(
                    "a file cut at %d in 1000".formatted(permille),
                    LlamaException.class,
                    f -> damaged(f, bytes -> Arrays.copyOf(bytes, bytes.length * permille / 1000)));
            cases.rejects(
                    "a byte changed at %d in 1000".formatted(permille),
                    LlamaException.class,
                    f -> damaged(f, bytes -> {
                        bytes[bytes.length * permille / 1000] ^= 1;
                        return bytes;
                    }));
        }
        cases.lives("a byte after its end", f -> damaged(f, bytes -> Arrays.copyOf(bytes, bytes.length + 1)));
        cases.rejects(
                "zeros in place of a file", LlamaException.class, f -> damaged(f, bytes -> new byte[bytes.length]));
    }

    private static void damaged(AbuseFixture fixture, UnaryOperator<byte[]> damage) throws Exception {
        Path folder = fixture.newFile();
        try (LlamaEngine engine = LlamaEngine.start(
                fixture.model(), EngineSamples.options().sessionFolder(folder).build())) {
            Session session = engine.openSession("a");
            session.generate(EngineSamples.request().build()).await();
            session.save();
        }
        try (var files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (Files.size(file) > 0) {
                    Files.write(file, damage.apply(Files.readAllBytes(file)));
                }
            }
        }
        try (LlamaEngine engine = LlamaEngine.start(
                fixture.model(), EngineSamples.options().sessionFolder(folder).build())) {
            engine.openSession("a");
        }
    }
}
