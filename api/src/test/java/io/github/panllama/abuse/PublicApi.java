package io.github.panllama.abuse;

import io.github.panllama.LlamaModel;
import io.github.panllama.chat.ChatTemplate;
import io.github.panllama.embedding.Embedder;
import io.github.panllama.engine.LlamaEngine;
import io.github.panllama.evaluation.Evaluation;
import io.github.panllama.gguf.GgufFile;
import io.github.panllama.gpu.GpuMonitor;
import io.github.panllama.synthetic.SyntheticModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Modifier;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The exported packages, read by reflection: every public class, method and constructor, in a fixed order. */
final class PublicApi {
    private static final List<Class<?>> ONE_OF_EACH_PACKAGE = List.of(
            LlamaModel.class,
            GgufFile.class,
            GpuMonitor.class,
            ChatTemplate.class,
            Evaluation.class,
            Embedder.class,
            LlamaEngine.class,
            SyntheticModel.class);

    private PublicApi() {}

    static List<Class<?>> classes() {
        return ONE_OF_EACH_PACKAGE.stream()
                .<Class<?>>mapMulti((type, out) -> classesBeside(type).forEach(out))
                .toList();
    }

    /** Public methods and constructors that the class itself declares. */
    static List<Executable> members(Class<?> type) {
        List<Executable> members = new ArrayList<>();
        members.addAll(Arrays.asList(type.getDeclaredMethods()));
        members.addAll(Arrays.asList(type.getDeclaredConstructors()));
        return members.stream()
                .filter(member -> Modifier.isPublic(member.getModifiers()) && !member.isSynthetic())
                .sorted(Comparator.comparing(PublicApi::describe))
                .toList();
    }

    /** Such as {@code Batch.add(int, int, int, boolean)}. */
    static String describe(Executable member) {
        String type = member.getDeclaringClass().getName();
        String simple = type.substring(type.lastIndexOf('.') + 1).replace('$', '.');
        String name = member instanceof java.lang.reflect.Method ? "." + member.getName() : "";
        return Arrays.stream(member.getParameterTypes())
                .map(Class::getSimpleName)
                .reduce((a, b) -> a + ", " + b)
                .map(parameters -> "%s%s(%s)".formatted(simple, name, parameters))
                .orElse(simple + name + "()");
    }

    /** The folder or jar that a class comes from, which for a patched module is not that of the module. */
    static Path root(Class<?> type) {
        String name = type.getName().replace('.', '/') + ".class";
        URL url = Objects.requireNonNull(type.getResource("/" + name), name);
        try {
            if (url.openConnection() instanceof JarURLConnection jar) {
                return Path.of(jar.getJarFileURL().toURI());
            }
            String text = url.toString();
            return Path.of(new URI(text.substring(0, text.length() - name.length())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Class<?>> classesBeside(Class<?> member) {
        Path folder = root(member).resolve(member.getPackageName().replace('.', '/'));
        try (Stream<Path> files = Files.list(folder)) {
            List<Class<?>> classes = new ArrayList<>();
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class") && !name.equals("package-info.class"))
                    .sorted()
                    .forEach(name -> classes.add(load(member, name.substring(0, name.length() - ".class".length()))));
            classes.removeIf(type -> !isPublic(type));
            return classes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Class<?> load(Class<?> member, String simpleName) {
        try {
            return Class.forName(member.getPackageName() + "." + simpleName, false, member.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isPublic(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (!Modifier.isPublic(each.getModifiers())) {
                return false;
            }
        }
        return !type.isAnonymousClass();
    }
}
