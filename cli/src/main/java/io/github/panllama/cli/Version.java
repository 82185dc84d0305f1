package io.github.panllama.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version of this command, which the build writes into the module's descriptor. */
public final class Version implements IVersionProvider {
    /** Such as {@code 0.1.0}; {@code (not packaged)} where the command does not run as a module. */
    public static String current() {
        return Optional.ofNullable(Version.class.getModule().getDescriptor())
                .flatMap(ModuleDescriptor::rawVersion)
                .orElse("(not packaged)");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"panllama " + current()};
    }
}
