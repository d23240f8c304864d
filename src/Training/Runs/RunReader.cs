using AgentKit.Kernel.Errors;
using AgentKit.Models;
using AgentKit.Training.Data;

namespace AgentKit.Training.Runs;

/// <summary>Reads a run's files for its model, and refuses rows that cannot be used unless the run leaves them out.</summary>
/// <param name="options">The run.</param>
/// <param name="vocabulary">Of its model.</param>
/// <param name="time">The date that chat templates write.</param>
/// <param name="stop">Cancels.</param>
internal sealed class RunReader(RunOptions options, ModelVocabulary vocabulary, TimeProvider time, CancellationToken stop)
{
    private const int NamedFaults = 5;

    /// <summary>Most tokens of a sample.</summary>
    /// <exception cref="UserInputException">The run asks for more than the model reads.</exception>
    public int MaxLength
    {
        get
        {
            int context = (int)Math.Min(vocabulary.Info.ContextLength ?? int.MaxValue, int.MaxValue);
            return (options.MaxLength ?? context) is var length && length <= context
                ? length
                : throw new UserInputException("max_length", $"max_length is {length}; 2 to {context} is allowed: {vocabulary.Info.Name} reads no more at once.");
        }
    }

    /// <exception cref="UserInputException">The model has no chat template, or one that cannot be used.</exception>
    public SampleEncoder Encoder => field ??= vocabulary.CreateEncoder(Time);

    public Tokenizer Tokenizer => vocabulary.Tokenizer;

    public TimeProvider Time => time;

    public CancellationToken Stop => stop;

    /// <summary>All files as samples.</summary>
    public RunData Read(RowKind kind, double promptWeight = 0)
    {
        TrainingSet own = Samples("data", options.Data, kind, promptWeight);
        TrainingSet? held = options.EvalData is { } path ? Samples("eval_data", path, kind, promptWeight) : null;
        return RunData.Of(own, held) with { Mixed = [.. options.Mix.Select((mixed, i) => Samples($"mix[{i}].data", mixed.Data, kind, promptWeight))] };
    }

    /// <summary>What was left out of which file.</summary>
    public List<LeftOutRows> LeftOut { get; } = [];

    /// <exception cref="UserInputException">There are bad rows and they are not to be left out, or no others.</exception>
    public void Check(string field, string path, IReadOnlyList<RowFault> faults, IReadOnlyList<int> longLines, int usable)
    {
        if (faults.Count > 0 && !options.SkipBadRows) throw Refused(field, path, faults);
        if (usable == 0) throw new UserInputException(field, $"{field}: {path} holds no row to learn from.");
        if (faults.Count + longLines.Count > 0) LeftOut.Add(new(field, path, faults, longLines));
    }

    private TrainingSet Samples(string field, string path, RowKind kind, double promptWeight)
    {
        TrainingSet set = TrainingSet.Read(path, kind, Encoder, MaxLength, options.LongRows, promptWeight, stop);
        Check(field, path, set.Faults, set.LongLines, set.Items.Count);
        return set;
    }

    private static UserInputException Refused(string field, string file, IReadOnlyList<RowFault> faults)
    {
        string named = string.Join("; ", faults.Take(NamedFaults).Select(fault => $"line {fault.Line}: {fault.Message}"));
        string more = faults.Count > NamedFaults ? $"; and {faults.Count - NamedFaults} more" : "";
        return new(field, $"{field}: {file}: {faults.Count} rows cannot be used: {named}{more}. Mend them, or leave them out with \"skip_bad_rows\": true.");
    }
}
