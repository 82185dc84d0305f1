package io.github.panllama.engine;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A request that has waited for its place and begins, in a JFR recording. */
@Name("io.github.panllama.EngineQueue")
@Label("Engine Queue")
@Category("panllama")
@StackTrace(false)
final class QueueEvent extends Event {
    private static final QueueEvent PROBE = new QueueEvent();

    @Label("Priority")
    @Description("As requested, before waiting raised it")
    int priority;

    @Label("Prompt Tokens")
    int promptTokens;

    @Label("Waiting")
    @Description("Requests that wait on")
    int waiting;

    @Label("Duration")
    @Description("From the submission to the begin")
    @Timespan(Timespan.NANOSECONDS)
    long time;

    static void record(Job job, int waiting, long now) {
        if (PROBE.isEnabled()) {
            QueueEvent event = new QueueEvent();
            event.priority = job.request().priority;
            event.promptTokens = job.prompt().length;
            event.waiting = waiting;
            event.time = now - job.submitted();
            event.commit();
        }
    }
}
