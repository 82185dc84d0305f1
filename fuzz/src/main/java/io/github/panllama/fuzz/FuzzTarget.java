package io.github.panllama.fuzz;

import java.util.List;

/**
 * Code that reads what others wrote, fed with bytes of any kind. The same bytes always do the same.
 *
 * <p><b>Threads.</b> One at a time.
 */
public interface FuzzTarget {
    /**
     * Feeds the bytes. What its documentation says that the code throws is caught here; everything else is a finding, and so
     * is a result that is not as it must be.
     */
    void run(byte[] input) throws Exception;

    /** Inputs to begin with: they reach far into the code, and none of them is a finding. */
    List<byte[]> seeds() throws Exception;
}
