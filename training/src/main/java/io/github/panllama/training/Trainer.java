package io.github.panllama.training;

import io.github.panllama.training.corpus.Skill;
import io.github.panllama.training.transformer.Documents;
import io.github.panllama.training.transformer.Network;
import io.github.panllama.training.transformer.Optimizer;
import io.github.panllama.training.transformer.Parameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;

/**
 * Trains on every core. The batches of a step are independent and their gradients are added in one order, so that the number
 * of cores changes nothing in the result.
 */
final class Trainer {
    private static final int STRIPE = 1 << 14;

    private final long seed;
    private final Recipe recipe;
    private final Lessons lessons;
    private final Parameters parameters;
    private final Optimizer optimizer;
    private final float[][] gradients;
    private final ConcurrentLinkedQueue<Network> idle = new ConcurrentLinkedQueue<>();
    private int step;

    Trainer(long seed, Recipe recipe, Lessons lessons) {
        this.seed = seed;
        this.recipe = recipe;
        this.lessons = lessons;
        parameters = new Parameters(recipe.shape());
        parameters.initialize(new SplittableRandom(seed));
        optimizer = new Optimizer(parameters);
        gradients = new float[recipe.batches()][parameters.size()];
    }

    Parameters parameters() {
        return parameters;
    }

    Optimizer optimizer() {
        return optimizer;
    }

    /** What distinguishes this training from others. */
    String identity() {
        return "seed " + seed + ", " + recipe.shape() + ", " + recipe.phasesText() + ", corpus " + lessons.digest();
    }

    int step() {
        return step;
    }

    /** Goes on after a step that was taken by another run. */
    void continueAfter(int taken) {
        step = taken;
    }

    /** What a step did. */
    record Progress(double loss, double balance, int tokens) {}

    /** One step of learning. */
    Progress learn() {
        List<Progress> batches = IntStream.range(0, recipe.batches())
                .parallel()
                .mapToObj(this::learnBatch)
                .toList();
        float[] sum = gradients[0];
        IntStream.range(0, (sum.length + STRIPE - 1) / STRIPE).parallel().forEach(stripe -> addStripe(sum, stripe));
        optimizer.step(sum, recipe.rate(step));
        step++;
        return new Progress(
                batches.stream().mapToDouble(Progress::loss).average().orElseThrow(),
                batches.stream().mapToDouble(Progress::balance).average().orElseThrow(),
                batches.stream().mapToInt(Progress::tokens).sum());
    }

    private Progress learnBatch(int index) {
        Documents documents = lessons.batch(step, index);
        Network network = network();
        Arrays.fill(gradients[index], 0);
        double loss = network.lossAndGradients(documents, 1f / recipe.batches(), gradients[index]);
        Progress progress =
                new Progress(loss / documents.trained(), network.balanceLoss(documents), documents.places());
        idle.add(network);
        return progress;
    }

    private void addStripe(float[] sum, int stripe) {
        int end = Math.min(sum.length, (stripe + 1) * STRIPE);
        for (int batch = 1; batch < gradients.length; batch++) {
            float[] one = gradients[batch];
            for (int i = stripe * STRIPE; i < end; i++) {
                sum[i] += one[i];
            }
        }
    }

    /** The share of held-out answers that come out token for token, always taking the likeliest token. */
    Map<Skill, Double> accuracy(int questions) {
        Map<Skill, Double> accuracy = new EnumMap<>(Skill.class);
        for (Skill skill : recipe.skills()) {
            List<Documents> heldOut = new ArrayList<>(lessons.heldOut(skill, questions));
            heldOut.removeIf(documents -> documents.places() > recipe.shape().context());
            long right = heldOut.parallelStream().filter(this::isRight).count();
            accuracy.put(skill, (double) right / heldOut.size());
        }
        return accuracy;
    }

    private boolean isRight(Documents documents) {
        Network network = network();
        network.loss(documents);
        boolean right = network.hits(documents) == documents.trained();
        idle.add(network);
        return right;
    }

    private Network network() {
        Network network = idle.poll();
        return network == null
                ? new Network(parameters, Recipe.BATCH + recipe.shape().context())
                : network;
    }
}
