import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Holds the pages to what they say: every block of Java in them stands, line for line, in the snippets that are compiled
 * and run, and every link to a file of the repository leads somewhere. Run from the repository's root.
 */
class DocsCheck {
    private static final Path SNIPPETS = Path.of("examples/quickstart/src/test/java/com/example/quickstart");
    private static final Pattern JAVA = Pattern.compile("^```java\\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");

    private static final List<String> faults = new ArrayList<>();

    public static void main(String[] args) throws IOException {
        String snippets = snippets();
        int blocks = 0;
        List<Path> pages = pages();
        for (Path page : pages) {
            String text = Files.readString(page);
            for (Matcher block = JAVA.matcher(text); block.find(); blocks++) {
                if (!snippets.contains(withoutIndentation(block.group(1)))) {
                    faults.add(page + ": not in the snippets:\n" + block.group(1));
                }
            }
            for (Matcher link = LINK.matcher(text); link.find(); ) {
                if (!Files.exists(page.resolveSibling(link.group(1)))) {
                    faults.add(page + ": there is no " + link.group(1));
                }
            }
        }
        faults.forEach(System.err::println);
        System.out.printf("%d pages, %d blocks of Java, %d faults%n", pages.size(), blocks, faults.size());
        System.exit(faults.isEmpty() && blocks > 0 ? 0 : 1);
    }

    private static String snippets() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(SNIPPETS)) {
            for (Path file : files.filter(file -> file.toString().endsWith("Snippets.java")).toList()) {
                all.append(withoutIndentation(Files.readString(file))).append('\n');
            }
        }
        return all.toString();
    }

    private static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(Path.of("README.md").toAbsolutePath()));
        for (String folder : List.of("docs", "ci", "examples", "native", "bindings", "model", "bench")) {
            try (Stream<Path> files = Files.walk(Path.of(folder).toAbsolutePath())) {
                files.filter(file -> file.toString().endsWith(".md") && !file.toString().contains("/target/"))
                        .forEach(pages::add);
            }
        }
        return pages;
    }

    private static String withoutIndentation(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).collect(Collectors.joining("\n"));
    }
}
