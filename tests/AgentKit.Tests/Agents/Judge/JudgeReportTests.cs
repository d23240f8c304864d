using System.Globalization;
using System.Text.Json;
using AgentKit.Agents.Judge;
using AgentKit.Testing;

namespace AgentKit.Tests.Agents.Judge;

public class JudgeReportTests
{
    [EvalDataTheory("llmbar/judge-traces/LLMBar_Natural-GPT-4_Vanilla_NoRules-result.json")]
    [InlineData("LLMBar_Natural-GPT-4")]
    [InlineData("LLMBar_Natural-LLaMA2")]
    [InlineData("LLMBar_Adversarial_Neighbor-GPT-4")]
    [InlineData("LLMBar_Adversarial_Neighbor-LLaMA2")]
    [InlineData("Processed_MT-Bench-GPT-4")]
    [InlineData("Processed_MT-Bench-LLaMA2")]
    public void Of_PublishedTraces_GivesThePublishedStatistics(string name)
    {
        string stem = $"llmbar/judge-traces/{name}_Vanilla_NoRules-";
        JsonElement published = JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(EvalData.PathOf(stem + "statistics.json")!));
        JudgedPair[] pairs = [.. JsonSerializer.Deserialize<JsonElement>(File.ReadAllBytes(EvalData.PathOf(stem + "result.json")!)).EnumerateArray().Select(Pair)];
        JudgeReport report = JudgeReport.Of(pairs);
        Assert.Equal(Count(published, "correct_False"), (report.RightInOrder, report.Count));
        Assert.Equal(Count(published, "correct_True"), (report.RightSwapped, report.Count));
        Assert.Equal(Count(published, "correct_both"), (report.RightInBoth, report.Count));
        Assert.Equal(Count(published, "equal"), (report.Consistent, report.Count));
        Assert.Equal(double.Parse(published.GetProperty("correct_average").GetString()!.TrimEnd('%'), CultureInfo.InvariantCulture), 100 * report.Accuracy, 9);
        Assert.Equal(published.GetProperty("kappa_agreement").GetDouble(), report.OrderKappa, 12);
        // The published kappa_False and kappa_True leave the second verdict out of both sums; with it they are Cohen's.
        Assert.Equal(published.GetProperty("kappa_False").GetDouble(), FirstOnly(pairs, pair => pair.InOrder), 12);
        Assert.Equal(published.GetProperty("kappa_True").GetDouble(), FirstOnly(pairs, pair => pair.Swapped), 12);
    }

    [Fact]
    public void Of_AJudgeThatTakesTheLongerAnswer_IsWarnedAbout()
    {
        JudgedPair[] pairs = [.. Enumerable.Range(0, 20).Select(i => new JudgedPair(Verdict.First, Verdict.First, i < 8 ? Verdict.First : Verdict.Second, 100, 10))];
        JudgeReport report = JudgeReport.Of(pairs);
        Assert.Equal((1.0, 0.4, 0.4, 0.5), (report.PrefersLonger, report.Accuracy, report.LongestBaseline, report.PrefersFirstShown));
        IReadOnlyList<string> warnings = report.Warnings("llama", "llama");
        Assert.Equal(3, warnings.Count);
        Assert.Contains("longer answer is right in 40.0 %", warnings[0], StringComparison.Ordinal);
        Assert.Contains("share a base", warnings[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AJudgeThatTakesTheFirst_IsInconsistent()
    {
        JudgedPair[] pairs = [.. Enumerable.Range(0, 10).Select(i => new JudgedPair(Verdict.First, Verdict.Second, Verdict.First, 10, 10 + i))];
        JudgeReport report = JudgeReport.Of(pairs);
        Assert.Equal((0.0, 1.0, 0), (report.Consistency, report.PrefersFirstShown, report.RightInBoth));
        Assert.Contains(report.Warnings(), warning => warning.Contains("change places", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("aabb", "aabb", 1)]
    [InlineData("aabb", "abab", 0)]
    [InlineData("aaaa", "aaaa", 1)]
    [InlineData("aabb", "bbaa", -1)]
    public void Kappa_OfRatings_IsAgreementBeyondChance(string one, string other, double expected) =>
        Assert.Equal(expected, Agreement.Kappa([.. one.Zip(other)]), 12);

    private static (int, int) Count(JsonElement published, string name)
    {
        string[] parts = published.GetProperty(name).GetString()!.Split(' ');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture));
    }

    private static JudgedPair Pair(JsonElement row)
    {
        JsonElement results = row.GetProperty("results")[0];
        Verdict Winner(string order) => results.GetProperty(order).GetProperty("winner").GetString() == "1" ? Verdict.First : Verdict.Second;
        return new(
            Winner("swap = False"),
            Winner("swap = True"),
            row.GetProperty("label").GetInt32() == 1 ? Verdict.First : Verdict.Second,
            row.GetProperty("output_1").GetString()!.Length,
            row.GetProperty("output_2").GetString()!.Length);
    }

    private static double FirstOnly(JudgedPair[] pairs, Func<JudgedPair, Verdict?> verdict)
    {
        double n = pairs.Length;
        double both = pairs.Count(pair => verdict(pair) == Verdict.First && pair.Label == Verdict.First) / n;
        double chance = pairs.Count(pair => verdict(pair) == Verdict.First) / n * (pairs.Count(pair => pair.Label == Verdict.First) / n);
        return (both - chance) / (1 - chance);
    }
}
