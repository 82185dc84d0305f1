package io.github.panllama.bindings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Packages with small files instead of libraries, laid out as a native jar is. */
final class FakePackage {
    static final String PLATFORM = "linux-x86_64";

    private FakePackage() {}

    /** A jar's content below {@code root}, with these files and their true digests. */
    static NativePackage write(Path root, String kind, String platform, Map<String, String> rolesByName)
            throws IOException {
        Path folder = Files.createDirectories(root.resolve("META-INF/panllama/natives/" + platform + "-" + kind));
        for (String name : rolesByName.keySet()) {
            Files.writeString(folder.resolve(name), "content of " + name);
        }
        byte[] index = index(folder, kind, platform, rolesByName).getBytes(StandardCharsets.UTF_8);
        Files.write(folder.resolve(NativeIndex.FILE_NAME), index);
        Files.writeString(
                root.resolve(NativeLocator.INDEX_LIST), root.relativize(folder).resolve(NativeIndex.FILE_NAME) + "\n");
        String base = folder.toUri().toString();
        return new NativePackage(NativeIndex.parse(index, base), base);
    }

    /** The index of files that lie in the folder. */
    static String index(Path folder, String kind, String platform, Map<String, String> rolesByName) throws IOException {
        StringBuilder index = new StringBuilder("release=%s\nplatform=%s\n".formatted(Pin.RELEASE, platform));
        index.append(kind.equals("core") ? "kind=core\n" : "kind=plugin\nplugin=%s\n".formatted(kind));
        int number = 0;
        for (Map.Entry<String, String> file : rolesByName.entrySet()) {
            number++;
            Path path = folder.resolve(file.getKey());
            index.append("file.%1$d.name=%2$s\nfile.%1$d.role=%3$s\nfile.%1$d.size=%4$d\nfile.%1$d.sha256=%5$s\n"
                    .formatted(number, file.getKey(), file.getValue(), Files.size(path), Sha256.of(path)));
        }
        return index.toString();
    }
}
