package io.github.panllama.guards;

import java.nio.file.Path;

/** A JVM that meets a failure. Arguments: the folder for files, {@code raw} or {@code guarded}, and the row's name. */
@SuppressWarnings("SystemOut")
final class GuardMain {
    private GuardMain() {}

    public static void main(String[] arguments) throws Throwable {
        GuardFiles files = new GuardFiles(Path.of(arguments[0]));
        GuardRow row = GuardRows.all().stream()
                .filter(candidate -> candidate.name().equals(arguments[2]))
                .findFirst()
                .orElseThrow();
        try {
            (arguments[1].equals("raw") ? row.raw() : row.guarded()).run(files);
            System.out.println("lives");
        } catch (CRefusedException e) {
            System.out.println("refused by C: " + e.getMessage());
        } catch (Throwable e) {
            System.out.println("thrown " + e.getClass().getName() + ": " + e.getMessage());
        }
        System.out.flush();
        Runtime.getRuntime().halt(0); // what was broken on purpose is not torn down
    }
}
