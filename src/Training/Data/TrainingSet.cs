using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Data;

/// <summary>Samples ready for training, and all that was found out about the rows on the way.</summary>
/// <param name="Items">In file order; an item holds the samples that belong together: one of a conversation, two of a preference.</param>
/// <param name="Faults">Rows that cannot be used, in file order.</param>
/// <param name="LongLines">Lines of rows with more tokens than allowed, whether skipped or cut.</param>
/// <param name="Lengths">Of all samples before any was cut or left out.</param>
/// <param name="Sha256">Of the data file.</param>
public sealed record TrainingSet(
    IReadOnlyList<IReadOnlyList<TrainingSample>> Items, IReadOnlyList<RowFault> Faults, IReadOnlyList<int> LongLines, LengthStatistics Lengths, string Sha256)
{
    /// <summary>The samples of all items.</summary>
    public IEnumerable<TrainingSample> Samples => Items.SelectMany(item => item);

    /// <summary>Tokens of all samples.</summary>
    public long Tokens => Samples.Sum(sample => (long)sample.Tokens.Length);

    /// <summary>Tokens whose prediction counts.</summary>
    public long TrainedTokens => Samples.Sum(sample => (long)sample.TrainedTokens);

    /// <summary>Reads a file and encodes it.</summary>
    /// <param name="path">The data file.</param>
    /// <param name="kind">What its rows are for; not <see cref="RowKind.Prompt"/>, which has no samples.</param>
    /// <param name="encoder">Of the model to train.</param>
    /// <param name="maxLength">Most tokens of a sample, 2 or more.</param>
    /// <param name="longRows">What becomes of longer ones.</param>
    /// <param name="promptWeight">How much tokens of conversations count that the model did not write, 0 or more.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="UserInputException">The file cannot be read or is empty.</exception>
    public static TrainingSet Read(
        string path, RowKind kind, SampleEncoder encoder, int maxLength, LongRows longRows = LongRows.Refuse, double promptWeight = 0, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(promptWeight);
        DataFile file = DataFile.Read(path, kind);
        List<IReadOnlyList<TrainingSample>> items = [];
        List<RowFault> faults = [.. file.Faults];
        List<int> longLines = [], lengths = [];
        foreach (TrainingRow row in file.Rows)
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                foreach (IReadOnlyList<TrainingSample> item in encoder.Encode(row, promptWeight))
                {
                    lengths.AddRange(item.Select(sample => sample.Tokens.Length));
                    if (item.All(sample => sample.Tokens.Length <= maxLength)) items.Add(item);
                    else if (Shortened(item, maxLength, longRows, longLines, faults) is { } shorter) items.Add(shorter);
                }
            }
            catch (UserInputException e)
            {
                faults.Add(new(row.Line, e.Message.Replace($"line {row.Line}: ", "", StringComparison.Ordinal)));
            }
        }

        return new(items, [.. faults.OrderBy(fault => fault.Line)], longLines, LengthStatistics.Of(lengths), file.Sha256);
    }

    private static TrainingSample[]? Shortened(
        IReadOnlyList<TrainingSample> item, int maxLength, LongRows longRows, List<int> longLines, List<RowFault> faults)
    {
        int line = item[0].Line, longest = item.Max(sample => sample.Tokens.Length);
        if (longRows == LongRows.Refuse)
        {
            faults.Add(new(line, $"has {longest} tokens; {maxLength} are allowed (long_rows may be skip or cut)"));
            return null;
        }

        longLines.Add(line);
        TrainingSample[] cut = [.. item.Select(sample => Cut(sample, maxLength))];
        return longRows == LongRows.Cut && cut.All(sample => sample.TrainedTokens > 0) ? cut : null;
    }

    private static TrainingSample Cut(TrainingSample sample, int length) => sample.Tokens.Length <= length
        ? sample
        : sample with { Tokens = sample.Tokens[..length], Weights = sample.Weights[..length] };
}
