package io.github.panllama.bindings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CudaFoldersTest {
    @TempDir
    private Path temp;

    private List<CudaFolder> find(String property, Map<String, String> environment) {
        return List.copyOf(CudaFolders.of(property, environment, temp.resolve("home"), temp.resolve("root")));
    }

    private Path folder(String path) throws IOException {
        return Files.createDirectories(temp.resolve(path));
    }

    @Test
    void whatTheUserNamesComesFirstInTheDocumentedOrder() throws IOException {
        Map<String, String> environment = Map.of(
                "CUDA_HOME", folder("home13").toString(),
                "CUDA_PATH", folder("path13").toString(),
                "PANLLAMA_CUDA_PATH", folder("ours13").toString());
        folder("root/usr/local/cuda/lib64");
        assertThat(find(folder("named").toString(), environment))
                .extracting(CudaFolder::origin)
                .containsExactly(
                        "-Dpanllama.cuda.path",
                        "PANLLAMA_CUDA_PATH",
                        "CUDA_PATH",
                        "CUDA_HOME",
                        "CUDA toolkit",
                        "CUDA toolkit");
    }

    @Test
    void aNamedFolderMayBeAToolkitItsLibrariesOrPythonsPackages() throws IOException {
        Path toolkit = folder("toolkit/lib64").getParent();
        Path packages =
                folder("packages/nvidia/cu13/lib").getParent().getParent().getParent();
        folder("packages/nvidia/cublas/lib");
        assertThat(find(toolkit + ":" + packages, Map.of()))
                .extracting(CudaFolder::path)
                .containsExactly(
                        toolkit,
                        toolkit.resolve("lib64"),
                        packages,
                        packages.resolve("nvidia/cu13/lib"),
                        packages.resolve("nvidia/cublas/lib"));
    }

    @Test
    void toolkitsWithAVersionInTheirNameAreFoundAfterTheUsualOne() throws IOException {
        folder("root/usr/local/cuda-12.4/lib64");
        folder("root/usr/local/cuda-13.0/targets/x86_64-linux/lib");
        folder("root/usr/local/cuda/lib64");
        assertThat(find("", Map.of()))
                .extracting(found ->
                        temp.resolve("root/usr/local").relativize(found.path()).toString())
                .containsExactly(
                        "cuda",
                        "cuda/lib64",
                        "cuda-13.0",
                        "cuda-13.0/targets/x86_64-linux/lib",
                        "cuda-12.4",
                        "cuda-12.4/lib64");
    }

    @Test
    void pythonsPackagesAreFoundWithoutPython() throws IOException {
        Path environment = folder("venv/lib/python3.12/site-packages/nvidia/cu13/lib");
        Path onPath = folder("pyenv/lib/python3.13/site-packages/nvidia/cuda_runtime/lib");
        Files.createFile(folder("pyenv/bin").resolve("python3"));
        Path user = folder("home/.local/lib/python3.11/site-packages/nvidia/cublas/lib");
        Path system = folder("root/usr/lib64/python3.9/site-packages/nvidia/cu13/lib");
        Path debian = folder("root/usr/local/lib/python3.11/dist-packages/nvidia/cu13/lib");
        Path listed = folder("extra/nvidia/cu13/lib");
        Map<String, String> variables = Map.of(
                "PATH", temp.resolve("pyenv/bin") + ":" + temp.resolve("none"),
                "PYTHONPATH", temp.resolve("extra").toString(),
                "VIRTUAL_ENV", temp.resolve("venv").toString());
        assertThat(find("", variables).stream()
                        .map(found -> entry(found.path(), found.origin()))
                        .toList())
                .containsExactly(
                        entry(listed, "PYTHONPATH"),
                        entry(environment, "VIRTUAL_ENV"),
                        entry(onPath, "Python of PATH"),
                        entry(user, "Python packages"),
                        entry(debian, "Python packages"),
                        entry(system, "Python packages"));
    }

    @Test
    void nothingIsFoundWhereThereIsNothing() {
        assertThat(find("", Map.of("CUDA_PATH", temp.resolve("none").toString(), "PATH", "\0bad")))
                .isEmpty();
        assertThat(CudaRuntime.advice(List.of())).contains("nowhere", "nvidia-cublas", "-Dpanllama.cuda.path");
    }
}
