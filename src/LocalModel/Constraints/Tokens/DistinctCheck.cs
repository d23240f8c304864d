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

    /// <summary>
    /// Whether <paramref name="piece"/> repeats nothing; <paramref name="state"/> is the state before it, and the grammar allows it.
    /// </summary>
    internal bool Permits(GrammarState state, ReadOnlySpan<byte> piece)
    {
        if (openings.Count == 0)
            return true;
        var (end, marks) = Walk(state, piece);
        if (marks == DistinctMark.None && end.HasOpenChoice)
            return true;
        var (length, depth) = (text.Count, openings.Count);
        var permitted = Append(state, piece) && HasWayOn(end);
        text.RemoveRange(length, text.Count - length);
        openings.RemoveRange(depth, openings.Count - depth);
        return permitted;
    }

    /// <summary>Moves on by a piece.</summary>
    internal void Accept(GrammarState state, ReadOnlySpan<byte> piece)
    {
        var passedEnd = Walk(state, piece).Marks.HasFlag(DistinctMark.Ended);
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

    private static (GrammarState End, DistinctMark Marks) Walk(GrammarState state, ReadOnlySpan<byte> piece)
    {
        var marks = DistinctMark.None;
        foreach (var value in piece)
        {
            state = state.Next(value);
            marks |= state.Marks;
        }

        return (state, marks);
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
        for (var steps = 0; steps < MostForeseen && !state.HasOpenChoice && !state.IsAccepting; steps++)
        {
            (byte Value, GrammarState State)? only = null;
            var mayEnd = false;
            for (var value = 0; value < SpecialTokenBytes.FirstReserved && !mayEnd; value++)
            {
                var next = state.Next((byte)value);
                if (next.Marks.HasFlag(DistinctMark.Ended))
                    mayEnd = EndPermitted(state, (byte)value);
                else if (!next.IsDead)
                    only = ((byte)value, next);
            }

            if (mayEnd)
                return true;
            if (only is not { } forced)
                return false;
            text.Add(forced.Value);
            state = forced.State;
        }

        return true;
    }

    private bool EndPermitted(GrammarState state, byte end)
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

    /// <summary>
    /// Reads the object or array at <paramref name="start"/> as far as it has come; tells whether its last name or item repeats an earlier
    /// one.
    /// </summary>
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
                if (reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject))
                    itemStart = reader.TokenStartIndex;
                if (reader.TokenType == JsonTokenType.PropertyName)
                    items.Add(JsonSerializer.SerializeToElement(reader.GetString()));
                else if (!isObject && reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.StartObject))
                    items.Add(Parse(json, itemStart, reader.BytesConsumed));
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

    private static bool Repeats(List<JsonElement> items) =>
        items.Count > 1 && items.SkipLast(1).Any(item => JsonElement.DeepEquals(item, items[^1]));

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
