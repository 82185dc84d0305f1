package io.github.panllama.cli;

import java.lang.module.ModuleDescriptor;
import java.util.Optional;
import picocli.CommandLine.IVersionProvider;

/** The version of this command, which the build writes into the module's descriptor. */
final class Version implements IVersionProvider {
    static String current() {
        return Optional.ofNullable(Version.class.getModule().getDescriptor())
                .flatMap(ModuleDescriptor::rawVersion)
                .orElse("(not packaged)");
    }

    @Override
    public String[] getVersion() {
        return new String[] {"panllama " + current()};
    }
}
