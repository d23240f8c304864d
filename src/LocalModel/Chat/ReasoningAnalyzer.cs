using System.Text.Json.Nodes;

namespace AgentKit.Models.Chat;

/// <summary>Finds the marks around reasoning by rendering messages with and without it.</summary>
internal static class ReasoningAnalyzer
{
    private const string CommonStart = "<think>";
    private const string CommonEnd = "</think>";
    private const string BracketStart = "[THINK]";
    private const string BracketEnd = "[/THINK]";

    public static ToolSyntax Derive(TemplateProbe probe, TemplateCapabilities capabilities, ToolSyntax syntax)
    {
        var plain = ProbeTurns.Answer(probe, capabilities);
        var (start, end) = FromField(probe, capabilities, plain, syntax.GenerationPrompt)
            ?? FromGenerationPrompt(syntax.GenerationPrompt, plain)
            ?? FromContent(probe)
            ?? ("", "");
        var marker = start.Trim();
        var header = syntax.GenerationPrompt.Trim();
        return syntax with
        {
            // Some models write a message of its own for reasoning; then the header is repeated before the call.
            Ignored = RepeatsHeader(probe, capabilities, header) ? [header] : [],
            ReasoningStart = start,
            ReasoningEnd = end,
            ForcedOpenReasoning = marker.Length > 0 && syntax.GenerationPrompt.TrimEnd().EndsWith(marker, StringComparison.Ordinal),
        };
    }

    /// <summary>The text the template appends when it is asked for a generation prompt.</summary>
    public static string GenerationPrompt(TemplateProbe probe, TemplateCapabilities capabilities)
    {
        JsonArray Messages() => [ProbeTurns.Text("user", TemplateProbe.User, capabilities)];
        var without = probe.Render(Messages());
        var with = probe.Render(Messages(), null, generationPrompt: true);
        if (with is null)
            return "";
        var common = without is not null && with.StartsWith(without, StringComparison.Ordinal) ? without.Length : -1;
        if (common >= 0)
            return with[common..];
        // Some templates close the conversation when no answer is to follow; then everything behind the question is the generation prompt.
        return ProbeTurns.Tail(with) is { } tail && without is not null && ProbeTurns.Tail(without) is { } closed
            ? tail[MarkerText.CommonPrefix(closed, tail)..]
            : "";
    }

    private static (string Start, string End)? FromField(TemplateProbe probe, TemplateCapabilities capabilities, string? plain,
        string generationPrompt)
    {
        if (capabilities.ReasoningField is not { } field)
            return null;
        foreach (var turn in ProbeTurns.WithReasoning(probe, capabilities, field))
        {
            var at = turn.IndexOf(TemplateProbe.Reasoning, StringComparison.Ordinal);
            if (at < 0)
                continue;
            var end = MarkerText.LeadingMarker(turn[(at + TemplateProbe.Reasoning.Length)..]);
            if (end.Length == 0)
                continue;
            var start = MarkerText.FromLastMarker(turn[..at]);
            var opensEveryMessage = plain is not null
                && plain[..plain.IndexOf(TemplateProbe.Answer, StringComparison.Ordinal)].EndsWith(start, StringComparison.Ordinal);
            return opensEveryMessage ? (Opening(generationPrompt, plain!), end) : (start, end);
        }
        return null;
    }

    /// <summary>Reasoning without a mark in the history may still be opened by words that only the generation prompt has.</summary>
    private static string Opening(string generationPrompt, string plain) =>
        generationPrompt[MarkerText.CommonPrefix(generationPrompt, plain)..];

    /// <summary>
    /// A mark like <c>&lt;think&gt;</c> that only the generation prompt has opens reasoning; its closing mark has a slash.
    /// </summary>
    private static (string Start, string End)? FromGenerationPrompt(string prompt, string? plain)
    {
        for (var open = prompt.LastIndexOf('<'); open >= 0; open = open == 0 ? -1 : prompt.LastIndexOf('<', open - 1))
        {
            var close = prompt.IndexOf('>', open);
            if (close < 0 || prompt[open + 1] == '/' || !prompt[(open + 1)..close].All(IsTagLetter))
                continue;
            var marker = prompt[open..(close + 1)];
            if (plain?.Contains(marker, StringComparison.Ordinal) == true)
                continue;
            return (marker + TrailingSpace(prompt, close + 1), "</" + marker[1..]);
        }
        return null;
    }

    /// <summary>A template that cuts reasoning out of earlier answers knows its marks, even if it never writes them.</summary>
    private static (string Start, string End)? FromContent(TemplateProbe probe)
    {
        var answer = $"{CommonStart}\n{TemplateProbe.Reasoning}\n{CommonEnd}\n\n{TemplateProbe.Answer}";
        var prompt = probe.Render(
        [
            TemplateProbe.Message("user", "q"),
            TemplateProbe.Message("assistant", answer),
            TemplateProbe.Message("user", TemplateProbe.User),
        ]);
        var isCut = prompt?.Contains(TemplateProbe.Reasoning, StringComparison.Ordinal) == false
            && prompt.Contains(TemplateProbe.Answer, StringComparison.Ordinal);
        if (isCut || probe.Source.Contains(CommonEnd, StringComparison.Ordinal))
            return (CommonStart + "\n", "\n" + CommonEnd + "\n\n");
        var brackets = probe.Source.Contains(BracketStart, StringComparison.Ordinal)
            && probe.Source.Contains(BracketEnd, StringComparison.Ordinal);
        return brackets ? (BracketStart, BracketEnd) : null;
    }

    private static bool RepeatsHeader(TemplateProbe probe, TemplateCapabilities capabilities, string header)
    {
        if (capabilities.ReasoningField is not { } field || header.Length == 0)
            return false;
        return ProbeTurns.WithReasoning(probe, capabilities, field).Any(turn =>
            turn.IndexOf(TemplateProbe.Reasoning, StringComparison.Ordinal) is var at and >= 0
            && turn.IndexOf(header, at, StringComparison.Ordinal) >= 0);
    }

    private static bool IsTagLetter(char c) => char.IsAsciiLetterOrDigit(c) || c is ':' or '_' or '-';

    private static string TrailingSpace(string text, int start)
    {
        var end = start;
        while (end < text.Length && char.IsWhiteSpace(text[end]))
            end++;
        return text[start..end];
    }
}
