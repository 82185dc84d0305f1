package io.github.panllama.training;

import io.github.panllama.gguf.GgmlType;
import io.github.panllama.training.corpus.Corpus;
import io.github.panllama.training.corpus.Skill;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Makes a bundled model; model/train calls it. Leaves NAME-f16.gguf, NAME-q8_0.gguf and NAME-questions.jsonl in a folder. */
public final class Train {
    private static final String USAGE = "usage: train [--model tiny|experts] [--seed N] [--steps N] [--out FOLDER]";
    private static final int TEST = 500;
    private static final int QUESTIONS = 200;

    private final Recipe recipe;
    private final long seed;
    private final Path folder;

    private Train(Recipe recipe, long seed, Path folder) {
        this.recipe = recipe;
        this.seed = seed;
        this.folder = folder;
    }

    /** Reads the arguments and trains. */
    public static void main(String[] arguments) throws IOException {
        Map<String, String> options =
                new LinkedHashMap<>(Map.of("--model", "tiny", "--seed", "1", "--steps", "", "--out", "target"));
        for (int i = 0; i < arguments.length; i += 2) {
            if (!options.containsKey(arguments[i]) || i + 1 == arguments.length) {
                System.err.println(USAGE);
                System.exit(2);
            }
            options.put(arguments[i], arguments[i + 1]);
        }
        Recipe recipe = Recipe.named(options.getOrDefault("--model", ""));
        String steps = options.getOrDefault("--steps", "");
        new Train(
                        steps.isEmpty() ? recipe : recipe.withSteps(Integer.parseInt(steps)),
                        Long.parseLong(options.getOrDefault("--seed", "")),
                        Path.of(options.getOrDefault("--out", "")))
                .run();
    }

    private void run() throws IOException {
        Files.createDirectories(folder);
        Lessons lessons = new Lessons(seed, recipe);
        Trainer trainer = new Trainer(seed, recipe, lessons);
        Path checkpoint = folder.resolve(recipe.file() + ".checkpoint");
        if (Files.exists(checkpoint)) {
            Checkpoint.load(checkpoint, trainer);
            say("going on after step " + trainer.step() + " of " + checkpoint);
        }
        say(recipe.file() + ": " + trainer.parameters().size() + " weights, " + recipe.steps() + " steps, seed "
                + seed);
        Report report = new Report(recipe, trainer.step());
        while (trainer.step() < recipe.steps()) {
            Trainer.Progress progress = trainer.learn();
            report.add(trainer.step(), progress);
            if (trainer.step() % TEST == 0 || trainer.step() == recipe.steps()) {
                say("held out: " + accuracy(trainer.accuracy(QUESTIONS)));
                Checkpoint.save(checkpoint, trainer);
            }
        }
        write(trainer, lessons);
    }

    private static String accuracy(Map<Skill, Double> accuracy) {
        return accuracy.entrySet().stream()
                .map(entry -> String.format(Locale.ROOT, "%s %.1f %%", entry.getKey(), 100 * entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private void write(Trainer trainer, Lessons lessons) throws IOException {
        Map<String, String> provenance = new LinkedHashMap<>();
        provenance.put(
                "command", "model/train --model " + recipe.name() + " --seed " + seed + " --steps " + recipe.steps());
        provenance.put("seed", Long.toString(seed));
        provenance.put("steps", Integer.toString(recipe.steps()));
        provenance.put("phases", recipe.phasesText());
        provenance.put("tokens_per_step", Integer.toString(recipe.batches() * Recipe.BATCH));
        provenance.put("corpus_digest", lessons.digest());
        for (GgmlType type : new GgmlType[] {GgmlType.F16, GgmlType.Q8_0}) {
            Path file = folder.resolve(recipe.file() + "-" + type.ggmlName() + ".gguf");
            ModelFile.write(file, type, recipe, trainer.parameters(), lessons.vocabulary(), provenance);
            say(size(file));
        }
        Path questions = folder.resolve(recipe.file() + "-questions.jsonl");
        QuestionFile.write(questions, Corpus.of(seed), recipe.skills(), QUESTIONS);
        say(size(questions));
    }

    private static String size(Path file) throws IOException {
        return file + ": " + Files.size(file) + " bytes";
    }

    private static void say(String line) {
        System.out.println(line);
    }
}
