using System.Globalization;
using System.Text.RegularExpressions;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Agents.Judge;

/// <summary>
/// A model that judges answers: two against each other in both orders, or one on a rubric. With a reference answer it is asked to compare
/// with that, which keeps small judges from being led astray on questions with one right answer (Zheng et al. 2023, section 3.4).
/// </summary>
/// <param name="model">The judge.</param>
/// <param name="options">How it is asked.</param>
/// <param name="scores">Reads probabilities of its tokens, where the model tells them.</param>
public sealed partial class ModelJudge(IChatClient model, JudgeOptions? options = null, IScoreReader? scores = null)
{
    private const int ShortAnswer = 16;
    private const int LongAnswer = 1024;

    private readonly IChatClient _model = model ?? throw new ArgumentNullException(nameof(model));
    private readonly JudgeOptions _options = Checked(options ?? new());

    /// <summary>Compares two answers, once in each order.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="first">One answer.</param>
    /// <param name="second">The other answer.</param>
    /// <param name="reference">A right answer, if there is one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<PairJudgment> CompareAsync(
        string question, string first, string second, string? reference = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        (Verdict? inOrder, string text) = await AskAsync(question, first, second, reference, cancellationToken).ConfigureAwait(false);
        (Verdict? swapped, string other) = await AskAsync(question, second, first, reference, cancellationToken).ConfigureAwait(false);
        return new(inOrder, Exchanged(swapped), [text, other]);
    }

    /// <summary>
    /// Scores one answer. The score is Σ p(point) · point over the points of the scale, where p is the judge's probability of writing that
    /// point (Liu et al. 2023, G-Eval, equation 1); it tells answers apart that would get the same point.
    /// </summary>
    /// <param name="question">What was asked.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="reference">A right answer, if there is one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ModelOutputException">The judge wrote no point of the scale.</exception>
    public async Task<RubricJudgment> ScoreAsync(
        string question, string answer, string? reference = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(answer);
        string scale = string.Create(CultureInfo.InvariantCulture, $"{_options.LeastPoint} (worst) to {_options.MostPoint} (best)");
        string end = _options.Explain ? $"Explain briefly, then end with 'Score: ' and a number from {scale}."
            : $"Answer with one number from {scale} and nothing else.";
        ChatOptions settings = Settings();
        ChatResponse response = await _model.GetResponseAsync(
            Messages($"{Question(question, reference)}\n\n# Answer\n{answer}\n\n{end}"), scores?.Request(settings)
                ?? settings, cancellationToken).ConfigureAwait(false);
        Match? written = (_options.Explain ? ScoreMark() : AnyDigit()).Matches(response.Text)
            .LastOrDefault(found => IsPoint(found.Groups[1].Value));
        if (written is null) throw new ModelOutputException($"The judge wrote no number from {scale}: '{Short(response.Text)}'.");
        return Weighted(int.Parse(written.Groups[1].ValueSpan, CultureInfo.InvariantCulture), response);
    }

    private async Task<(Verdict? Verdict, string Text)> AskAsync(
        string question, string shownFirst, string shownSecond, string? reference, CancellationToken cancellationToken)
    {
        string verdicts = _options.AllowTie ? "[[A]], [[B]] or [[C]] for a tie" : "[[A]] or [[B]]";
        string end = _options.Explain ? $"Explain briefly, then end with your verdict: {verdicts}."
            : $"Which answer is better? Reply with {verdicts} and nothing else.";
        string prompt = $"{Question(question, reference)}\n\n# Answer A\n{shownFirst}\n\n# Answer B\n{shownSecond}\n\n{end}";
        ChatResponse response = await _model.GetResponseAsync(Messages(prompt), Settings(), cancellationToken).ConfigureAwait(false);
        return (Read(response.Text), response.Text);
    }

    /// <summary>The last verdict of a text: <c>[[A]]</c>, <c>[A]</c>, or a letter alone.</summary>
    internal static Verdict? Read(string text)
    {
        Match? found = Bracketed().Matches(text).LastOrDefault() ?? (Alone().Match(text.Trim()) is { Success: true } alone ? alone : null);
        return found?.Groups[1].Value switch
        {
            "A" => Verdict.First,
            "B" => Verdict.Second,
            "C" => Verdict.Tie,
            _ => null,
        };
    }

    private static Verdict? Exchanged(Verdict? verdict) => verdict switch
    {
        Verdict.First => Verdict.Second,
        Verdict.Second => Verdict.First,
        _ => verdict,
    };

    private RubricJudgment Weighted(int written, ChatResponse response)
    {
        // The last token that is a point is the one the verdict was read from.
        var token = (scores?.Read(response) ?? []).LastOrDefault(token => token.Count > 0 && IsPoint(token[0].Text.Trim()));
        if (token is null) return new(written, written, new Dictionary<int, double>(), 0, response.Text);
        Dictionary<int, double> points = token.Where(alternative => IsPoint(alternative.Text.Trim()))
            .DistinctBy(alternative => alternative.Text)
            .GroupBy(alternative => int.Parse(alternative.Text.Trim(), CultureInfo.InvariantCulture))
            .ToDictionary(group => group.Key, group => group.Sum(alternative => Math.Exp(alternative.LogProbability)));
        double covered = points.Values.Sum();
        Dictionary<int, double> shares = points.ToDictionary(pair => pair.Key, pair => pair.Value / covered);
        return new(shares.Sum(pair => pair.Key * pair.Value), written, shares, Math.Min(1, covered), response.Text);
    }

    private bool IsPoint(string text) =>
        text.Length == 1 && char.IsAsciiDigit(text[0]) && text[0] - '0' >= _options.LeastPoint && text[0] - '0' <= _options.MostPoint;

    private ChatMessage[] Messages(string prompt) =>
        [new(ChatRole.System, $"You are an impartial judge. {_options.Criteria}"), new(ChatRole.User, prompt)];

    private static string Question(string question, string? reference) => $"# Instruction\n{question}" + (reference is null
        ? ""
        : $"\n\n# Reference answer\n{reference}\n\nThe reference answer is right. Compare with it first: an answer that contradicts it is wrong, however it is written.");

    private ChatOptions Settings() => new() { Temperature = 0, Seed = _options.Seed, MaxOutputTokens = _options.MaxTokens
        ?? (_options.Explain ? LongAnswer : ShortAnswer) };

    private static string Short(string text) => text.Length > 80 ? text[..80] + "…" : text;

    private static JudgeOptions Checked(JudgeOptions options) => options.LeastPoint < options.MostPoint
        ? options
        : throw new UserInputException(
            nameof(JudgeOptions.MostPoint), $"MostPoint is {options.MostPoint}; more than LeastPoint ({options.LeastPoint}) is allowed.");

    [GeneratedRegex(@"\[\[?([ABC])\]\]?", RegexOptions.CultureInvariant)]
    private static partial Regex Bracketed();

    [GeneratedRegex(@"^(?:(?:Answer|Assistant|Output) )?\(?([ABC])\)?(?:[.:]?\z| is better)", RegexOptions.CultureInvariant)]
    private static partial Regex Alone();

    [GeneratedRegex(@"[Ss]core:?\W*([0-9])(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex ScoreMark();

    [GeneratedRegex(@"(?<![0-9])([0-9])(?![0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex AnyDigit();
}
