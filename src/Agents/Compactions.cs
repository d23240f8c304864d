using System.Globalization;
using AgentKit.Kernel.Runs;

namespace AgentKit.Agents;

/// <summary>What the compactions of a run amount to: which steps are hidden, which results are shortened.</summary>
internal sealed class Compactions
{
    private int _cappedThrough;
    private int _cap;
    private IReadOnlyDictionary<string, int>? _toolCaps;
    private int _droppedThrough;
    private string? _summary;

    /// <summary>Steps up to this one are not shown.</summary>
    public int HiddenThrough { get; private set; }

    /// <summary>What the model is told about the hidden steps; <c>null</c> when there are none.</summary>
    public string? Note { get; private set; }

    /// <summary>Names of sections that are not shown.</summary>
    public HashSet<string> HiddenSections { get; } = new(StringComparer.Ordinal);

    public static Compactions From(IEnumerable<AgentEvent> events)
    {
        var all = new Compactions();
        foreach (AgentEvent.ContextCompacted e in events.OfType<AgentEvent.ContextCompacted>()) all.Apply(e);
        return all;
    }

    /// <summary>A tool's text as the model is shown it.</summary>
    public string Shorten(int step, string tool, string text)
    {
        if (step <= _droppedThrough && text.Length > DroppedNote(text).Length) return DroppedNote(text);
        int cap = _toolCaps is not null && _toolCaps.TryGetValue(tool, out int its) ? its : _cap;
        if (step > _cappedThrough || text.Length <= cap) return text;
        return $"{text[..CutPoint(text, cap)]}\n[… {Number(text.Length - cap)} of {Number(text.Length)} characters are left out here]";
    }

    private void Apply(AgentEvent.ContextCompacted e)
    {
        switch (e.Kind)
        {
            case CompactionKind.Section:
                HiddenSections.Add(e.Section!);
                break;
            case CompactionKind.CappedResults:
                (_cappedThrough, _cap, _toolCaps) = (e.Through, e.Limit!.Value, e.ToolLimits);
                break;
            case CompactionKind.DroppedResults:
                _droppedThrough = e.Through;
                break;
            case CompactionKind.Summary:
                (HiddenThrough, _summary) = (e.Through, $"[Steps 1 to {Number(e.Through)}, summarized: {e.Summary}]");
                Note = _summary;
                break;
            case CompactionKind.Window:
                HiddenThrough = e.Through;
                Note = $"{(_summary is null ? "" : $"{_summary}\n")}[Steps up to {Number(e.Through)} are left out here.]";
                break;
        }
    }

    /// <summary>Not in the middle of a character that takes two places.</summary>
    private static int CutPoint(string text, int at) => at > 0 && char.IsHighSurrogate(text[at - 1]) ? at - 1 : at;

    private static string DroppedNote(string text) => $"[A result of {Number(text.Length)} characters is left out here]";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
