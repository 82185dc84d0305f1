package io.github.panllama.json;

import io.github.panllama.chat.Description;
import io.github.panllama.chat.Matches;
import io.github.panllama.chat.Range;
import io.github.panllama.chat.Size;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Types that are bound in the tests. */
final class Samples {
    private Samples() {}

    /** Everything that a record may hold. */
    @Description("A bill")
    record Invoice(
            @Size(min = 1, max = 8) @Description("Who pays") String customer,
            LocalDate date,
            Currency currency,
            @Size(max = 3) List<Item> items,
            @Nullable @Size(max = 5) String note) {}

    record Item(
            @Matches("^[A-Z]{2}-[0-9]{1,4}$") String code,
            @Range(min = 1, max = 99) int amount,
            @Range(min = 0, max = 999.99) BigDecimal price) {}

    enum Currency {
        @Description("Euro")
        EUR,
        @Description("US dollar")
        USD,
        CHF
    }

    enum Colour {
        RED,
        GREEN,
        BLUE;

        @Override
        public String toString() {
            return "not the name";
        }
    }

    @Description("Something with an area")
    sealed interface Shape permits Circle, Box, Empty {}

    @Description("Round")
    record Circle(@Range(min = 0, max = 10) double radius) implements Shape {}

    record Box(@Range(max = 5) int width, @Range(min = -5) int height) implements Shape {}

    record Empty() implements Shape {}

    record Drawing(
            @Size(min = 1, max = 4) List<Shape> shapes,
            @Nullable Shape frame) {}

    sealed interface Tagged permits First, Other {}

    record First(Colour type) implements Tagged {}

    sealed interface Other extends Tagged permits Second, Third {}

    record Second(boolean yes) implements Other {}

    record Third(OptionalInt number) implements Other {}

    record Tree(@Size(max = 3) String name, @Nullable Tree left, Optional<Tree> right) {}

    record Pair<A, B>(A first, B second) {}

    record Times(
            Instant instant,
            OffsetDateTime offset,
            OffsetTime clock,
            LocalDateTime local,
            LocalTime time,
            Duration duration,
            Period period,
            YearMonth month,
            UUID id) {}

    record Numbers(byte b, short s, int i, long l, double d, Boolean truth, Integer boxed) {}

    record Containers(
            @Size(max = 3) Set<Colour> colours,
            @Size(min = 2, max = 2) List<Integer> two,
            Map<Colour, Boolean> byColour,
            @Size(max = 2) List<Pair<Boolean, Colour>> pairs) {
        int count() {
            return colours.size() + two.size();
        }
    }
}
