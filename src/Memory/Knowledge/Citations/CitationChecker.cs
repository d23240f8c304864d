using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using AgentKit.Memory.Knowledge.Chunking;

namespace AgentKit.Memory.Knowledge.Citations;

/// <summary>
/// Checks marks such as <c>[2]</c> in an answer against the passages they name. A citation holds when all that its sentence has in quotation
/// marks stands in the passage word for word, or else when two thirds of the sentence's words, three or more, stand there in one piece.
/// This finds words, it does not judge meaning: a sentence turned round by a "not" elsewhere is not seen.
/// </summary>
public static partial class CitationChecker
{
    private const int LeastWords = 3;

    /// <summary>Checks all citations of an answer and takes out those that do not hold.</summary>
    /// <param name="answer">The answer; number n names the n-th passage, from 1.</param>
    /// <param name="passages">The passages, as searches gave them.</param>
    public static CheckedAnswer Check(string answer, IReadOnlyList<Hit> passages)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(passages);
        var citations = new List<Citation>();
        var removed = new List<RemovedCitation>();
        var text = new StringBuilder();
        int copied = 0;
        foreach (Match mark in Mark().Matches(answer))
        {
            string claim = ClaimOf(answer, mark.Index);
            string digits = mark.Groups[1].Value;
            int number = int.TryParse(digits, CultureInfo.InvariantCulture, out int parsed) ? parsed : 0;
            text.Append(answer, copied, mark.Index - copied);
            copied = mark.Index + mark.Length;
            string? fault = Find(claim, number, passages, out Citation? citation);
            if (citation is not null)
            {
                citations.Add(citation);
                text.Append(mark.Value);
                continue;
            }

            removed.Add(new RemovedCitation(number, claim, fault!));
            while (text.Length > 0 && text[^1] == ' ') text.Length--;
        }

        return new CheckedAnswer(text.Append(answer, copied, answer.Length - copied).ToString().Trim(), citations, removed);
    }

    /// <summary>The sentence that a mark ends or follows, without marks.</summary>
    private static string ClaimOf(string answer, int mark)
    {
        string before = Mark().Replace(answer[..mark], "").TrimEnd();
        int start = 0;
        for (int at = 0; at < before.Length; at = Sentences.End(before, at)) start = at;
        return before[start..].Trim();
    }

    private static string? Find(string claim, int number, IReadOnlyList<Hit> passages, out Citation? citation)
    {
        citation = null;
        if (number < 1 || number > passages.Count) return $"There are {passages.Count} passages.";
        Hit passage = passages[number - 1];
        List<Word> there = Words(passage.Text);
        string[] quotes = [.. Quotation().Matches(claim).Select(match => match.Groups[1].Value)];
        Run found = default;
        foreach (string quote in quotes)
        {
            List<Word> wanted = Words(quote);
            found = LongestRun(wanted, there);
            if (found.Length < wanted.Count) return $"'{quote}' does not stand in the passage.";
        }

        if (quotes.Length == 0)
        {
            List<Word> words = Words(claim);
            found = LongestRun(words, there);
            int needed = Math.Min(words.Count, Math.Max(LeastWords, ((2 * words.Count) + 2) / 3));
            if (found.Length < needed) return $"The passage shares {found.Length} words in a row with the sentence; {needed} are needed.";
        }

        if (found.Length == 0) return "The sentence has no words.";
        (int start, int end) = (there[found.First].Start, there[found.First + found.Length - 1].End);
        citation = new Citation(number, passage, passage.Text[start..end], passage.Start + start, passage.Start + end);
        return null;
    }

    /// <summary>The longest row of words of a claim that stands in a passage.</summary>
    private static Run LongestRun(List<Word> claim, List<Word> passage)
    {
        var best = new Run(0, 0);
        int[] ending = new int[passage.Count + 1];
        foreach (Word word in claim)
        {
            // ending[j]: length of the row that ends with this word of the claim and word j of the passage; from the back, in place.
            for (int j = passage.Count; j > 0; j--)
            {
                ending[j] = passage[j - 1].Text == word.Text ? ending[j - 1] + 1 : 0;
                if (ending[j] > best.Length) best = new Run(j - ending[j], ending[j]);
            }
        }

        return best;
    }

    private static List<Word> Words(string text) =>
        [.. AnyWord().Matches(text).Select(match => new Word(match.Value.ToLowerInvariant(), match.Index, match.Index + match.Length))];

    [GeneratedRegex(@"\[(\d{1,9})\]")]
    private static partial Regex Mark();

    [GeneratedRegex("[\"“„«]([^\"“”„«»]+)[\"”“»]")]
    private static partial Regex Quotation();

    [GeneratedRegex(@"[\w]+(?:[.,:'’-][\w]+)*")]
    private static partial Regex AnyWord();

    private readonly record struct Word(string Text, int Start, int End);

    private readonly record struct Run(int First, int Length);
}
