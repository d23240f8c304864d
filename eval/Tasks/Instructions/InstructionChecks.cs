using System.Text.Json;
using System.Text.RegularExpressions;
using AgentKit.Eval.Text;

namespace AgentKit.Eval.Tasks.Instructions;

/// <summary>The 25 checks of IFEval by their ids, after the rules of the published program.</summary>
internal static partial class InstructionChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly string[] Constrained = ["My answer is yes.", "My answer is no.", "My answer is maybe."];

    private static readonly Dictionary<string, Func<string, InstructionArguments, bool>> All = new()
    {
        ["keywords:existence"] = (text, with) => with.Texts("keywords").All(word => Occurrences(text, word) > 0),
        ["keywords:frequency"] = (text, with) => with.Compare(Occurrences(text, with.Text("keyword")), "frequency", "relation"),
        ["keywords:forbidden_words"] = (text, with) => with.Texts("forbidden_words").All(word => Occurrences(text, $@"\b{word}\b") == 0),
        ["keywords:letter_frequency"] = LetterFrequency,
        ["language:response_language"] = (text, with) => LanguageGuess.Of(text) is not { } language || language == with.Text("language"),
        ["length_constraints:number_sentences"] = (text, with) => with.Compare(SentenceCount.Of(text), "num_sentences", "relation"),
        ["length_constraints:number_paragraphs"] = Paragraphs,
        ["length_constraints:number_words"] = (text, with) => with.Compare(Word().Count(text), "num_words", "relation"),
        ["length_constraints:nth_paragraph_first_word"] = NthParagraph,
        ["detectable_content:number_placeholders"] = (text, with) => Placeholder().Count(text) >= with.Number("num_placeholders"),
        ["detectable_content:postscript"] = Postscript,
        ["detectable_format:number_bullet_lists"] = (text, with) =>
            StarBullet().Count(text) + DashBullet().Count(text) == with.Number("num_bullets"),
        ["detectable_format:constrained_response"] = (text, _) =>
            Constrained.Any(option => text.Contains(option, StringComparison.Ordinal)),
        ["detectable_format:number_highlighted_sections"] = (text, with) => Highlights(text) >= with.Number("num_highlights"),
        ["detectable_format:multiple_sections"] = Sections,
        ["detectable_format:json_format"] = (text, _) => IsJson(text),
        ["detectable_format:title"] = (text, _) =>
            Title().Matches(text).Any(title => title.Value.TrimStart('<').TrimEnd('>').Trim().Length > 0),
        ["combination:two_responses"] = (text, _) => TwoResponses(text),
        ["combination:repeat_prompt"] = (text, with) =>
            PythonText.Lower(text.Trim()).StartsWith(PythonText.Lower(with.Text("prompt_to_repeat").Trim()), StringComparison.Ordinal),
        ["startend:end_checker"] = (text, with) =>
            PythonText.Lower(text.Trim().Trim('"')).EndsWith(PythonText.Lower(with.Text("end_phrase").Trim()), StringComparison.Ordinal),
        ["startend:quotation"] = (text, _) => text.Trim() is ['"', .., '"'],
        ["change_case:capital_word_frequency"] = (text, with) =>
            with.Compare(Token().Matches(text).Count(token => IsUpper(token.Value)), "capital_frequency", "capital_relation"),
        ["change_case:english_capital"] = (text, _) => IsUpper(text) && LanguageGuess.Of(text) is null or "en",
        ["change_case:english_lowercase"] = (text, _) => IsLower(text) && LanguageGuess.Of(text) is null or "en",
        ["punctuation:no_comma"] = (text, _) => !text.Contains(',', StringComparison.Ordinal),
    };

    /// <summary>The ids.</summary>
    public static IReadOnlyCollection<string> Ids => All.Keys;

    /// <exception cref="FormatException">There is no such check.</exception>
    public static Func<string, InstructionArguments, bool> Find(string id) => All.TryGetValue(id, out var check)
        ? check
        : throw new FormatException($"There is no check for the instruction '{id}'.");

    // The published program takes keywords as patterns.
    private static int Occurrences(string text, string pattern) =>
        Regex.Count(text, pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, Patience);

    private static bool LetterFrequency(string text, InstructionArguments with)
    {
        string letter = PythonText.Lower(with.Text("letter"));
        return with.Compare(PythonText.Lower(text).Split(letter).Length - 1, "let_frequency", "let_relation");
    }

    private static bool Paragraphs(string text, InstructionArguments with)
    {
        string[] paragraphs = StarDivider().Split(text);
        int count = paragraphs.Length;
        for (int i = 0; i < paragraphs.Length; i++)
        {
            if (paragraphs[i].Trim().Length > 0) continue;
            if (i > 0 && i < paragraphs.Length - 1) return false;
            count--;
        }

        return count == with.Number("num_paragraphs");
    }

    private static bool NthParagraph(string text, InstructionArguments with)
    {
        string[] paragraphs = text.Split("\n\n");
        int count = paragraphs.Count(paragraph => paragraph.Trim().Length > 0), nth = with.Number("nth_paragraph");
        if (nth > count || nth > paragraphs.Length || paragraphs[nth - 1].Trim() is not { Length: > 0 } paragraph) return false;
        string word = PythonText.Split(paragraph)[0].TrimStart('\'').TrimStart('"');
        int end = word.IndexOfAny(['.', ',', '?', '!', '\'', '"']);
        string first = PythonText.Lower(end >= 0 ? word[..end] : word);
        return count == with.Number("num_paragraphs") && first == PythonText.Lower(with.Text("first_word"));
    }

    private static bool Postscript(string text, InstructionArguments with)
    {
        string marker = with.Text("postscript_marker");
        string pattern = marker switch
        {
            "P.P.S" => @"\s*p\.\s?p\.\s?s.*$",
            "P.S." => @"\s*p\.\s?s\..*$",
            _ => $@"\s*{PythonText.Lower(marker)}.*$",
        };
        return Regex.IsMatch(PythonText.Lower(text), pattern, RegexOptions.Multiline | RegexOptions.CultureInvariant, Patience);
    }

    private static int Highlights(string text) =>
        Single().Matches(text).Count(found => found.Value.Trim('*').Trim().Length > 0) + Double().Matches(text)
            .Count(found => found.Value[2..^2].Trim().Length > 0);

    private static bool Sections(string text, InstructionArguments with) =>
        Regex.Count(
            text, $@"\s?{with.Text("section_spliter")}\s?\d+\s?", RegexOptions.CultureInvariant, Patience) >= with.Number("num_sections");

    private static bool IsJson(string text)
    {
        string body = text.Trim();
        string? fence = new[] { "```json", "```Json", "```JSON", "```" }.FirstOrDefault(
            fence => body.StartsWith(fence, StringComparison.Ordinal));
        if (fence is not null) body = body[fence.Length..];
        if (body.EndsWith("```", StringComparison.Ordinal)) body = body[..^3];
        try
        {
            using JsonDocument document = JsonDocument.Parse(body.Trim());
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool TwoResponses(string text)
    {
        string[] parts = text.Split("******");
        if (parts.Skip(1).SkipLast(1).Any(part => part.Trim().Length == 0)) return false;
        string[] responses = [.. parts.Select(part => part.Trim()).Where(part => part.Length > 0)];
        return responses.Length == 2 && responses[0] != responses[1];
    }

    private static bool IsUpper(string text) => text.Any(char.IsUpper) && !text.Any(char.IsLower);

    private static bool IsLower(string text) => text.Any(char.IsLower) && !text.Any(char.IsUpper);

    [GeneratedRegex(@"\w+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    /// <summary>Words as a treebank tokenizer cuts them: <c>DON'T</c> is two, <c>WELL-KNOWN</c> one.</summary>
    [GeneratedRegex(@"\w+?(?=n't\b)|n't\b|'\w+|\w+(?:[-.]\w+)*", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Token();

    [GeneratedRegex(@"\[.*?\]", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"^\s*\*[^\*].*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex StarBullet();

    [GeneratedRegex(@"^\s*-.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex DashBullet();

    [GeneratedRegex(@"\*[^\n\*]*\*", RegexOptions.CultureInvariant)]
    private static partial Regex Single();

    [GeneratedRegex(@"\*\*[^\n\*]*\*\*", RegexOptions.CultureInvariant)]
    private static partial Regex Double();

    [GeneratedRegex(@"<<[^\n]+>>", RegexOptions.CultureInvariant)]
    private static partial Regex Title();

    [GeneratedRegex(@"\s?\*\*\*\s?", RegexOptions.CultureInvariant)]
    private static partial Regex StarDivider();
}
