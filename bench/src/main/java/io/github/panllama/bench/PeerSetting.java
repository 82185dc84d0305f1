package io.github.panllama.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * What a peer computes with.
 *
 * @param threads that compute
 * @param flashAttention whether attention is computed by that algorithm
 * @param unifiedKv whether sequences share one KV cache
 */
public record PeerSetting(int threads, boolean flashAttention, boolean unifiedKv) {
    /** Every one that may be the best. */
    static List<PeerSetting> all() {
        List<PeerSetting> all = new ArrayList<>();
        for (int threads : new int[] {1, 2}) {
            for (boolean flashAttention : new boolean[] {false, true}) {
                for (boolean unifiedKv : new boolean[] {false, true}) {
                    all.add(new PeerSetting(threads, flashAttention, unifiedKv));
                }
            }
        }
        return all;
    }

    /** As options of llama.cpp's programs. */
    public List<String> arguments() {
        String count = Integer.toString(threads);
        return List.of(
                "--threads",
                count,
                "--threads-batch",
                count,
                "--flash-attn",
                flashAttention ? "on" : "off",
                unifiedKv ? "--kv-unified" : "--no-kv-unified");
    }

    /** Such as {@code 1 thread, FA off, KV split}. */
    @Override
    public String toString() {
        return "%d thread%s, FA %s, KV %s"
                .formatted(
                        threads, threads == 1 ? "" : "s", flashAttention ? "on" : "off", unifiedKv ? "one" : "split");
    }
}
