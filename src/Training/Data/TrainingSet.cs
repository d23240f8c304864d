using AgentKit.Kernel.Errors;

namespace AgentKit.Training.Data;

/// <summary>Samples ready for training, and all that was found out about the rows on the way.</summary>
/// <param name="Samples">In file order.</param>
/// <param name="Faults">Rows that cannot be used, in file order.</param>
/// <param name="LongLines">Lines of rows with more tokens than allowed, whether skipped or cut.</param>
/// <param name="Lengths">Of all samples before any was cut or left out.</param>
/// <param name="Sha256">Of the data file.</param>
public sealed record TrainingSet(
    IReadOnlyList<TrainingSample> Samples, IReadOnlyList<RowFault> Faults, IReadOnlyList<int> LongLines, LengthStatistics Lengths, string Sha256)
{
    /// <summary>Tokens of all samples.</summary>
    public long Tokens => Samples.Sum(sample => (long)sample.Tokens.Length);

    /// <summary>Tokens whose prediction counts.</summary>
    public long TrainedTokens => Samples.Sum(sample => (long)sample.TrainedTokens);

    /// <summary>Reads a file of conversations and encodes it.</summary>
    /// <param name="path">The data file.</param>
    /// <param name="encoder">Of the model to train.</param>
    /// <param name="maxLength">Most tokens of a sample, 2 or more.</param>
    /// <param name="longRows">What becomes of longer ones.</param>
    /// <param name="promptWeight">How much tokens count that the model did not write, 0 or more.</param>
    /// <param name="stop">Cancels.</param>
    /// <exception cref="UserInputException">The file cannot be read or is empty.</exception>
    public static TrainingSet ReadChat(
        string path, SampleEncoder encoder, int maxLength, LongRows longRows = LongRows.Refuse, double promptWeight = 0, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 2);
        ArgumentOutOfRangeException.ThrowIfNegative(promptWeight);
        DataFile file = DataFile.Read(path, RowKind.Chat);
        List<TrainingSample> samples = [];
        List<RowFault> faults = [.. file.Faults];
        List<int> longLines = [], lengths = [];
        foreach (ChatRow row in file.Rows.Cast<ChatRow>())
        {
            stop.ThrowIfCancellationRequested();
            try
            {
                foreach (TrainingSample sample in encoder.Encode(row.Line, row.Conversation, promptWeight))
                {
                    lengths.Add(sample.Tokens.Length);
                    if (sample.Tokens.Length <= maxLength) samples.Add(sample);
                    else if (Shortened(sample, maxLength, longRows, longLines, faults) is { } shorter) samples.Add(shorter);
                }
            }
            catch (UserInputException e)
            {
                faults.Add(new(row.Line, e.Message.Replace($"line {row.Line}: ", "", StringComparison.Ordinal)));
            }
        }

        return new(samples, [.. faults.OrderBy(fault => fault.Line)], longLines, LengthStatistics.Of(lengths), file.Sha256);
    }

    private static TrainingSample? Shortened(TrainingSample sample, int maxLength, LongRows longRows, List<int> longLines, List<RowFault> faults)
    {
        if (longRows == LongRows.Refuse)
        {
            faults.Add(new(sample.Line, $"has {sample.Tokens.Length} tokens; {maxLength} are allowed (long_rows may be skip or cut)"));
            return null;
        }

        longLines.Add(sample.Line);
        TrainingSample cut = sample with { Tokens = sample.Tokens[..maxLength], Weights = sample.Weights[..maxLength] };
        return longRows == LongRows.Cut && cut.TrainedTokens > 0 ? cut : null;
    }
}
