package io.github.panllama.abuse;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** Collects the cases. Their order is the same in every JVM, so that a case is named by its index. */
final class AbuseCases {
    private static final List<Consumer<AbuseCases>> FAMILIES = List.of(
            NullCases::register,
            ValueCases::register,
            RaceCases::register,
            CallbackCases::register,
            EngineCases::register,
            SessionCases::register,
            ClosedCases::register,
            LoadCases::register,
            LoadOptionCases::register,
            HeaderCases::register,
            QuantizeCases::register,
            TokenizerCases::register,
            BatchCases::register,
            ContextOptionCases::register,
            DecodeCases::register,
            OutputCases::register,
            MemoryCases::register,
            StateCases::register,
            SamplerStageCases::register,
            GrammarCases::register,
            SamplingCases::register,
            AdapterCases::register,
            MixtureAdapterCases::register,
            GeneratorCases::register,
            ChatCases::register,
            ThreadCases::register,
            EvaluationCases::register,
            EmbeddingCases::register,
            CloseCases::register);

    private final List<AbuseCase> cases = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private String family = "";

    private AbuseCases() {}

    static List<AbuseCase> all() {
        AbuseCases all = new AbuseCases();
        FAMILIES.forEach(family -> family.accept(all));
        return List.copyOf(all.cases);
    }

    /** What the cases that follow are about. */
    void family(String name) {
        this.family = name;
    }

    /** A case that must end with an exception of this type. */
    void rejects(String name, Class<? extends Throwable> type, AbuseCase.Action action) {
        add(name, false, List.of(type), action);
    }

    /** A case that is harmless: it must end without an exception. */
    void lives(String name, AbuseCase.Action action) {
        add(name, true, List.of(), action);
    }

    /** A case that may end either way, as long as the exception is of one of these types. */
    void livesOr(String name, AbuseCase.Action action, Class<?>... types) {
        add(name, true, List.of(types), action);
    }

    /** A case that must end with an exception of one of several types. */
    void rejectsAny(String name, List<Class<?>> types, AbuseCase.Action action) {
        add(name, false, types, action);
    }

    private void add(String name, boolean mayComplete, List<Class<?>> mayThrow, AbuseCase.Action action) {
        String full = family + ": " + name;
        if (!names.add(full)) {
            throw new IllegalStateException("two cases have the name " + full);
        }
        cases.add(new AbuseCase(full, mayComplete, mayThrow, action));
    }
}
