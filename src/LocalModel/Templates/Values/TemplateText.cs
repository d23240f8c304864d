namespace AgentKit.Models.Templates.Values;

/// <summary>
/// An immutable string that remembers which of its characters came from input data (messages, tools, variables) and which the template
/// wrote.
/// Every operation keeps that: a slice of data is data, a concatenation keeps its parts apart, and where the origin of a character cannot
/// be told
/// the whole result counts as data.
/// </summary>
internal sealed class TemplateText : IEquatable<TemplateText>
{
    private static readonly TextSpan[] NoData = [];

    private readonly TextSpan[] _data;
    private bool? _hasSurrogates;

    internal TemplateText(string value, TextSpan[] data)
    {
        RenderBudget.ChargeText(value.Length);
        Value = value;
        _data = data;
    }

    public static TemplateText Empty { get; } = new("", NoData);

    public string Value { get; }

    /// <summary>The ranges that came from data: in order, not empty, not touching.</summary>
    public ReadOnlySpan<TextSpan> Data => _data;

    public bool HasData => _data.Length > 0;

    /// <summary>Text the template wrote.</summary>
    public static TemplateText Template(string value) => value.Length == 0 ? Empty : new TemplateText(value, NoData);

    /// <summary>Text that came from input.</summary>
    public static TemplateText FromData(string value) =>
        value.Length == 0 ? Empty : new TemplateText(value, [new TextSpan(0, value.Length)]);

    /// <summary>A text derived from this one in a way that loses track of characters: all data if any of this one was.</summary>
    public TemplateText Derive(string value) => HasData ? FromData(value) : Template(value);

    /// <summary>
    /// A text of the same length whose characters correspond one to one; falls back to <see cref="Derive"/> when lengths differ.
    /// </summary>
    public TemplateText Map(string value) => value.Length == Value.Length ? new TemplateText(value, _data) : Derive(value);

    /// <summary>The characters from <paramref name="start"/> (UTF-16) on.</summary>
    public TemplateText Slice(int start, int length)
    {
        if (start == 0 && length == Value.Length)
            return this;
        if (length == 0)
            return Empty;
        var value = Value.Substring(start, length);
        if (_data.Length == 0)
            return new TemplateText(value, NoData);
        var end = start + length;
        var spans = new List<TextSpan>();
        foreach (var span in _data)
        {
            var (from, to) = (Math.Max(span.Start, start), Math.Min(span.End, end));
            if (from < to)
                spans.Add(new TextSpan(from - start, to - start));
        }
        return new TemplateText(value, [.. spans]);
    }

    public TemplateText Concat(TemplateText other) =>
        Value.Length == 0 ? other : other.Value.Length == 0 ? this : new TextBuilder().Append(this).Append(other).ToText();

    /// <summary>Length in code points, as Python counts.</summary>
    public int Length
    {
        get
        {
            if (!HasSurrogates)
                return Value.Length;
            var count = 0;
            foreach (var _ in Value.EnumerateRunes())
                count++;
            return count;
        }
    }

    private bool HasSurrogates => _hasSurrogates ??= Value.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    /// <summary>Cuts the text into code points.</summary>
    public IEnumerable<TemplateText> CodePoints()
    {
        for (var i = 0; i < Value.Length;)
        {
            var width = CodePointWidth(i);
            yield return Slice(i, width);
            i += width;
        }
    }

    /// <summary>The UTF-16 index of the code point with this index; the length of the text for the index behind the last.</summary>
    public int OffsetOf(int codePoint)
    {
        if (!HasSurrogates)
            return codePoint;
        var offset = 0;
        for (var i = 0; i < codePoint; i++)
            offset += CodePointWidth(offset);
        return offset;
    }

    private int CodePointWidth(int offset) => char.IsSurrogatePair(Value, offset) ? 2 : 1;

    public bool Equals(TemplateText? other) => other is not null && Value == other.Value;

    public override bool Equals(object? obj) => Equals(obj as TemplateText);

    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    public override string ToString() => Value;
}
