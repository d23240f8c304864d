using System.Text.Json;
using AgentKit.Models.Constraints.Automata;

namespace AgentKit.Models.Constraints.Tokens;

/// <summary>
/// Watches the text for names and items that must differ from those before them (<c>uniqueItems</c>, free member names): at every mark
/// of the grammar the JSON since the opening bracket is read again. A number is compared when the sign after it has come.
/// </summary>
internal sealed class DistinctCheck
{
    private const int MostForeseen = 64;

    private readonly List<byte> text = [];
    private readonly List<int> openings = [];

    /// <summary>Nothing has to be distinct at this place.</summary>
    internal bool IsIdle => openings.Count == 0;

    /// <summary>Whether <paramref name="piece"/> repeats nothing; <paramref name="state"/> is the state before it, and the grammar allows it.</summary>
    internal bool Permits(GrammarState state, ReadOnlySpan<byte> piece)
    {
        var (length, depth) = (text.Count, openings.Count);
        var permitted = Append(state, piece) && (openings.Count == 0 || HasWayOn(state.Next(piece)));
        text.RemoveRange(length, text.Count - length);
        openings.RemoveRange(depth, openings.Count - depth);
        return permitted;
    }

    /// <summary>Moves on by a piece.</summary>
    internal void Accept(GrammarState state, ReadOnlySpan<byte> piece)
    {
        var end = state;
        var passedEnd = false;
        foreach (var value in piece)
            passedEnd |= (end = end.Next(value)).Marks.HasFlag(DistinctMark.Ended);
        Append(state, piece);
        // A closing bracket is always marked; without a mark nothing can have closed.
        while (passedEnd && openings.Count > 0 && Scan(openings[^1], out _) != Progress.Open)
            openings.RemoveAt(openings.Count - 1);
        if (openings.Count == 0)
            text.Clear();
    }

    /// <summary>Gives up on the objects and arrays that are open now: nothing but a repetition can follow.</summary>
    internal void StepBack()
    {
        openings.Clear();
        text.Clear();
    }

    internal DistinctCheck Fork()
    {
        var fork = new DistinctCheck();
        fork.text.AddRange(text);
        fork.openings.AddRange(openings);
        return fork;
    }

    private bool Append(GrammarState state, ReadOnlySpan<byte> piece)
    {
        var permitted = true;
        foreach (var value in piece)
        {
            state = state.Next(value);
            var isOpened = state.Marks.HasFlag(DistinctMark.Opened);
            if (isOpened)
                openings.Add(text.Count);
            if (openings.Count > 0)
                text.Add(value);
            if (!isOpened && state.Marks.HasFlag(DistinctMark.Ended))
                permitted &= AllDistinct();
        }

        return permitted;
    }

    /// <summary>Looks ahead while there is no real choice: whether what must follow repeats something.</summary>
    private bool HasWayOn(GrammarState state)
    {
        for (var steps = 0; steps < MostForeseen; steps++)
        {
            var ends = new List<byte>();
            (byte Value, GrammarState State)? only = null;
            for (var value = 0; value < SpecialTokenBytes.FirstReserved; value++)
            {
                var next = state.Next((byte)value);
                if (next.IsDead)
                    continue;
                if (next.Marks.HasFlag(DistinctMark.Ended))
                    ends.Add((byte)value);
                else if (only is null)
                    only = ((byte)value, next);
                else
                    return true;
            }

            if (state.IsAccepting || ends.Any(end => Permits(state, end)))
                return true;
            if (only is not { } forced)
                return ends.Count == 0;
            text.Add(forced.Value);
            state = forced.State;
        }

        return true;
    }

    private bool Permits(GrammarState state, byte end)
    {
        var (length, depth) = (text.Count, openings.Count);
        var permitted = Append(state, [end]);
        text.RemoveRange(length, text.Count - length);
        openings.RemoveRange(depth, openings.Count - depth);
        return permitted;
    }

    private bool AllDistinct()
    {
        for (var i = openings.Count - 1; i >= 0; i--)
        {
            if (Scan(openings[i], out var repeats) != Progress.Past && repeats)
                return false;
        }

        return true;
    }

    /// <summary>Reads the object or array at <paramref name="start"/> as far as it has come; tells whether its last name or item repeats an earlier one.</summary>
    private Progress Scan(int start, out bool repeats)
    {
        // A name counts only with its colon; one too many after anything else is refused by the reader, which ends the scan as well.
        byte[] json = [.. text[start..], (byte)':'];
        var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
        var (items, itemStart, isObject) = (new List<JsonElement>(), 0L, json[0] == (byte)'{');
        repeats = false;
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth == 0 && reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                {
                    repeats = Repeats(items);
                    return reader.BytesConsumed == json.Length - 1 ? Progress.JustClosed : Progress.Past;
                }

                if (reader.CurrentDepth != 1)
                    continue;
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
                    itemStart = reader.TokenStartIndex;
                else if (reader.TokenType == JsonTokenType.PropertyName)
                    items.Add(JsonSerializer.SerializeToElement(reader.GetString()));
                else if (!isObject)
                    items.Add(Parse(json, reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject ? itemStart : reader.TokenStartIndex, reader.BytesConsumed));
            }
        }
        catch (JsonException)
        {
            // The added colon; what came before it has been read.
            repeats = Repeats(items);
            return Progress.Open;
        }

        repeats = Repeats(items);
        return Progress.Open;
    }

    private static JsonElement Parse(byte[] json, long from, long to)
    {
        using var document = JsonDocument.Parse(json.AsMemory((int)from, (int)(to - from)));
        return document.RootElement.Clone();
    }

    private static bool Repeats(List<JsonElement> items) => items.Count > 1 && items.SkipLast(1).Any(item => JsonElement.DeepEquals(item, items[^1]));

    private enum Progress
    {
        /// <summary>The closing bracket has not come.</summary>
        Open,

        /// <summary>The closing bracket is the last byte.</summary>
        JustClosed,

        /// <summary>The text has gone on after the closing bracket.</summary>
        Past,
    }
}
