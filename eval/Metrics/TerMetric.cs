using System.Globalization;
using AgentKit.Eval.Text;

namespace AgentKit.Eval.Metrics;

/// <summary>
/// Translation edit rate (Snover et al. 2006), in percent, equal to sacreBLEU 2.6.0: edits, block moves among them, for each word of the
/// reference. Of several references the one with the fewest edits counts, over their mean length. Less is better; more than 100 is
/// possible.
/// </summary>
/// <param name="options">How the text is prepared.</param>
public sealed class TerMetric(TerOptions? options = null) : TextMetric
{
    private readonly TerOptions _options = options ?? new();

    /// <inheritdoc/>
    public override string Name => "TER";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <summary>Edits, words of the reference.</summary>
    /// <inheritdoc/>
    public override double[] Statistics(string hypothesis, IReadOnlyList<string> references)
    {
        ArgumentNullException.ThrowIfNull(hypothesis);
        ArgumentNullException.ThrowIfNull(references);
        int[][] texts = WordSymbols.Of([.. references.Prepend(hypothesis).Select(text => TercomNormalizer.Prepare(text, _options))]);
        return
        [
            texts.Skip(1).Min(reference => ShiftSearch.Edits(texts[0], reference)),
            texts.Skip(1).Average(reference => (double)reference.Length),
        ];
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> statistics)
    {
        (double edits, double words) = (statistics[0], statistics[1]);
        return 100 * (words > 0 ? edits / words : edits > 0 ? 1 : 0);
    }

    /// <inheritdoc/>
    public override string Explain(ReadOnlySpan<double> statistics) =>
        string.Create(CultureInfo.InvariantCulture, $"edits = {statistics[0]} ref_len = {statistics[1]}");

    /// <inheritdoc/>
    public override string Signature(string references) =>
        $"nrefs:{references}|case:{(_options.CaseSensitive ? "mixed" : "lc")}|tok:tercom|norm:{YesNo(_options.Normalized)}"
        + $"|punct:{YesNo(!_options.NoPunctuation)}|asian:{YesNo(_options.AsianSupport)}|{SacreBleu.Version}";

    private static string YesNo(bool value) => value ? "yes" : "no";
}
