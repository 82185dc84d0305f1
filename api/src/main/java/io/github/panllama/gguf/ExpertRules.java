package io.github.panllama.gguf;

import java.util.Set;

/** How many experts there are and how a token chooses among them. */
final class ExpertRules {
    private static final int MAX_EXPERTS = 1024;
    private static final int MAX_GATING = 4;

    /** Those whose graph cannot do without. */
    private static final Set<String> REQUIRED =
            Set.of("bailingmoe2", "glm4moe", "grovemoe", "lfm2moe", "llada-moe", "smallthinker");

    private ExpertRules() {}

    static void check(ModelHeader header) {
        String count = header.own("expert_count");
        String used = header.own("expert_used_count");
        String groups = header.own("expert_group_count");
        long experts = header.whole(count).orElse(0);
        header.range(count, experts, REQUIRED.contains(header.architecture()) ? 1 : 0, MAX_EXPERTS);
        long most = 0;
        long least = ModelHeader.NONE;
        for (int i = 0; i < header.layers(); i++) {
            long here = header.whole(used, i).orElse(0);
            most = Math.max(most, here);
            least = Math.min(least, here);
        }
        long grouped = header.whole(groups).orElse(0);
        if (experts == 0) {
            header.range(used, most, 0, 0);
            header.range(groups, grouped, 0, 0);
            return;
        }
        header.range(used, most, 1, experts);
        if (least != most && !header.architecture().startsWith("nemotron")) {
            throw header.invalid(used, "differs between layers, from %d to %d".formatted(least, most));
        }
        groups(header, experts, groups, grouped);
        header.range(
                header.own("expert_shared_count"), header.whole(header.own("expert_shared_count")), 0, MAX_EXPERTS);
        header.range(header.own("expert_gating_func"), header.whole(header.own("expert_gating_func")), 0, MAX_GATING);
        if (header.architecture().equals("grovemoe")) {
            String each = header.own("experts_per_group");
            header.range(each, header.whole(each).orElse(0), 1, experts);
        }
    }

    private static void groups(ModelHeader header, long experts, String key, long groups) {
        header.range(key, groups, 0, experts - 1);
        if (groups > 1) {
            if (experts % groups != 0) {
                throw header.invalid(key, "is %d, must divide the %d experts".formatted(groups, experts));
            }
            String used = header.own("expert_group_used_count");
            header.range(used, header.whole(used).orElse(0), 1, groups - 1);
        }
    }
}
