using System.Globalization;
using AgentKit.Cli.Output;
using AgentKit.Kernel.Runs;
using Spectre.Console;

namespace AgentKit.Cli.Runs;

/// <summary>One line for each step of a run, in Spectre markup.</summary>
internal static class StepLine
{
    private const int MostCharacters = 300;
    private const int MostTools = 8;

    public static string Model(int step, string text, int calls, TokenUsage? usage, double? milliseconds)
    {
        string said = calls > 0 ? $"asks for {calls} tool call{(calls == 1 ? "" : "s")}" : text.Length > 0 ? OneLine(text) : "says nothing";
        string tokens = usage is { } u ? $"  {u.InputTokens} tokens in{Cached(u.CachedTokens)}, {u.OutputTokens} out" : "";
        return $"{step,3} [blue]model[/] {Markup.Escape(said)}[grey]{tokens}{Time(milliseconds)}[/]";
    }

    public static string Tool(RunStep step)
    {
        string given = step.Arguments is { } json ? OneLine(CompactJson.Of(json)) : "(arguments are not a JSON object)";
        string call = Markup.Escape($"{step.Name} {given}");
        string outcome = step.OutcomeUnknown ? $"[red]unknown:[/] {Markup.Escape(OneLine(step.Error ?? ""))}"
            : step.Waits ? "[yellow]waits for an approval[/]"
            : step.Error is { } error ? $"[red]failed:[/] {Markup.Escape(OneLine(error))}"
            : $"[green]->[/] {Markup.Escape(OneLine(step.Result ?? ""))}";
        return $"{step.N,3} [yellow]tool [/] {call} {outcome}[grey]{Time(step.Ms)}[/]";
    }

    /// <summary>What the schemas of the tools take of every prompt, the most expensive first.</summary>
    public static string ToolTokens(IReadOnlyDictionary<string, int> tokens)
    {
        string each = string.Join(", ", tokens.OrderByDescending(tool => tool.Value).Take(MostTools).Select(tool => $"{tool.Key} {tool.Value}"));
        string more = tokens.Count > MostTools ? $", {tokens.Count - MostTools} more" : "";
        return Markup.Escape($"{tokens.Values.Sum()} tokens of every prompt ({each}{more})");
    }

    private static string Cached(long tokens) => tokens > 0 ? $" ({tokens} cached)" : "";

    private static string Time(double? milliseconds) => milliseconds switch
    {
        null => "",
        < 10 => string.Create(CultureInfo.InvariantCulture, $"  {milliseconds:0.0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"  {milliseconds:0} ms"),
    };

    /// <summary>What is cut is said; the JSON form always has everything.</summary>
    private static string OneLine(string text)
    {
        string line = text.ReplaceLineEndings("⏎");
        return line.Length <= MostCharacters ? line : $"{line[..MostCharacters]}… (+{line.Length - MostCharacters} characters)";
    }
}
