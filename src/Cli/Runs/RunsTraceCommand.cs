using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Kernel.Runs;
using AgentKit.Memory.Journal;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary><c>agentkit runs trace ID</c>: the timeline of a run, with the time and the tokens of every call.</summary>
internal static class RunsTraceCommand
{
    private const int NameWidth = 36;
    private const int BarWidth = 40;
    private const int NoteCharacters = 80;

    private static readonly Argument<string> Id = RunLookup.Argument();

    public static Command Create(CommandHost host) => host.Handle(
        new Command("trace", "Show the timeline of a run: what took how long, one after the other or side by side.") { Id },
        "agentkit runs trace 20261105-142530-k3f9x2",
        RunAsync);

    private static async Task<int> RunAsync(CommandContext context)
    {
        await using SqliteJournal journal = RunLookup.Open(context, context.Parse.GetValue(Id));
        IReadOnlyList<JournalRecord> records = await RunLookup.FindAsync(context, journal, context.Parse.GetValue(Id)!);
        IReadOnlyList<TraceSpan> spans = await RunTrace.OfAsync(journal, records, context.Stop);
        double whole = Math.Max(1, spans.Max(span => span.StartMs + (span.Ms ?? 0)));
        var rows = new JsonArray();
        foreach (TraceSpan span in spans)
        {
            rows.Add((JsonNode)span.ToJson());
            context.Screen.ShowLine(Row(span, whole));
        }

        context.WriteJson(new JsonObject { ["run_id"] = records[0].RunId, ["ms"] = Math.Round(whole, 3), ["spans"] = rows });
        return ExitCode.Done;
    }

    private static string Row(TraceSpan span, double whole)
    {
        string name = Cut($"{new string(' ', span.Depth * 2)}{span.Name}", NameWidth).PadRight(NameWidth);
        string took = span.Ms switch
        {
            null => "?",
            0 => "",
            < 10 => string.Create(CultureInfo.InvariantCulture, $"{span.Ms:0.0} ms"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{span.Ms:#,##0} ms"),
        };
        string tokens = span.Usage is { } usage ? $"  {usage.InputTokens} tokens in, {usage.OutputTokens} out" : "";
        string note = span.Note is null ? "" : $"  {Cut(span.Note.ReplaceLineEndings("⏎"), NoteCharacters)}";
        string color = span.Failed ? "red" : span.Depth % 2 == 0 ? "green" : "blue";
        return $"{Markup.Escape(name)} {took,12}  [{color}]{Bar(span, whole)}[/][grey]{Markup.Escape(tokens + note)}[/]";
    }

    /// <summary>Where on the time line of the whole run it lies; a moment is a point.</summary>
    private static string Bar(TraceSpan span, double whole)
    {
        int start = Math.Min(BarWidth - 1, (int)(span.StartMs / whole * BarWidth));
        int length = span.Ms is > 0 ? Math.Clamp((int)Math.Round(span.Ms.Value / whole * BarWidth), 1, BarWidth - start) : 1;
        return $"{new string(' ', start)}{new string(span.Ms is > 0 ? '█' : '·', length)}".PadRight(BarWidth);
    }

    private static string Cut(string text, int width) => text.Length <= width ? text : $"{text[..(width - 1)]}…";
}
