using System.Globalization;
using System.Text.Json;
using AgentKit.Eval.Subjects;
using AgentKit.Kernel.Errors;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Tasks;

/// <summary>A set of samples, how a model is asked, and what its answers are worth.</summary>
/// <param name="definition">The task file.</param>
public abstract class EvalTask(TaskDefinition definition)
{
    /// <summary>The task file.</summary>
    public TaskDefinition Definition { get; } = definition;

    /// <summary>Its name on the command line.</summary>
    public string Name => Definition.Name;

    /// <summary>The one part of it that is asked; <c>null</c>: all.</summary>
    public string? Group { get; internal init; }

    /// <summary>The numbers it reports.</summary>
    public abstract IReadOnlyList<TaskMetric> Metrics { get; }

    /// <summary>How answers are generated, for the signature; empty where nothing is generated.</summary>
    public virtual string Settings => $"gen:greedy,{Definition.MaxTokens}";

    /// <summary>Whether it needs leave to run the code that models write.</summary>
    public virtual bool RunsCode => false;

    /// <summary>Reads the samples.</summary>
    /// <param name="data">Where from.</param>
    /// <exception cref="UserInputException">A file is missing, empty, or not what the task expects.</exception>
    public IReadOnlyList<EvalSample> Load(TaskData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        IReadOnlyList<EvalSample> samples = Checked(data, Definition.Files);
        if (Group is null) return samples;
        EvalSample[] chosen = [.. samples.Where(sample => sample.Group == Group)];
        string known = string.Join(", ", samples.Select(sample => sample.Group).OfType<string>().Distinct().Order(StringComparer.Ordinal));
        return chosen.Length > 0 ? chosen : throw new UserInputException("TASK", $"TASK: {Name} has no part '{Group}'. Known: {known}.");
    }

    /// <summary>Reads the samples that examples are drawn from.</summary>
    /// <param name="data">Where from.</param>
    /// <exception cref="UserInputException">A file is missing, empty, or not what the task expects.</exception>
    public IReadOnlyList<EvalSample> LoadExamples(TaskData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Definition.ExampleFiles is { } files ? Checked(data, files) : Load(data);
    }

    /// <summary>Asks the model.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="prompt">The sample's question as the model reads it, examples included.</param>
    /// <param name="subject">The model.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public abstract Task<SampleAnswer> AnswerAsync(
        EvalSample sample, EvalPrompt prompt, IEvalSubject subject, CancellationToken cancellationToken = default);

    /// <summary>Grades an answer; the same answer is always worth the same.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="answer">What the model did.</param>
    /// <param name="cancellationToken">Cancels graders that take long.</param>
    public abstract Task<SampleGrade> GradeAsync(EvalSample sample, SampleAnswer answer, CancellationToken cancellationToken = default);

    /// <summary>The prompt for a sample with worked examples before it.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="examples">The examples, first one first.</param>
    /// <param name="chat">Whether to make a conversation of it; a text that is continued never becomes one.</param>
    public virtual EvalPrompt Render(EvalSample sample, IReadOnlyList<EvalSample> examples, bool chat)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(examples);
        if (!chat || Definition.Continues)
        {
            IEnumerable<string> parts = examples.Select(example => $"{Ask(example)} {Target(example)}").Append(Ask(sample));
            return EvalPrompt.Plain((sample.Preamble is null ? "" : sample.Preamble + "\n\n") + string.Join("\n\n", parts));
        }

        List<ChatMessage> messages = [];
        if (sample.Preamble is not null) messages.Add(new(ChatRole.System, sample.Preamble));
        foreach (EvalSample example in examples)
        {
            messages.Add(new(ChatRole.User, Ask(example)));
            messages.Add(new(ChatRole.Assistant, Target(example)));
        }

        messages.Add(new(ChatRole.User, Ask(sample)));
        return EvalPrompt.Chat(messages);
    }

    /// <summary>The right answer as an example shows it.</summary>
    protected internal virtual string Target(EvalSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.Gold.Count > 0 ? sample.Choices[sample.Gold[0]].Text : sample.References[0];
    }

    /// <summary>Whether it is asked in conversations only, because functions or several turns belong to it.</summary>
    internal virtual bool NeedsChat => false;

    /// <summary>Whether worked examples can stand before its questions; where they cannot, a number of them changes nothing.</summary>
    internal virtual bool TakesExamples(bool chat) => true;

    /// <summary>Whether the examples of a question come from its own part of the task, as where each part is a subject of its own.</summary>
    internal virtual bool ExamplesByPart => false;

    /// <summary>Whether a second model judges its answers.</summary>
    internal virtual bool NeedsJudge => false;

    /// <summary>The metric that stands for the task.</summary>
    internal TaskMetric MainMetric => Metrics.First(metric => metric.Name == Definition.Metric);

    /// <summary>Takes from a run's options what the task needs, before anything is asked.</summary>
    /// <exception cref="UserInputException">Something is missing.</exception>
    internal virtual void Prepare(EvalOptions options)
    {
    }

    /// <summary>Lets go of what was built for answering, such as an index.</summary>
    internal virtual void Release()
    {
    }

    /// <summary>For the signature: how answers that are drawn are made.</summary>
    private protected string DrawnSettings(float temperature) =>
        string.Create(CultureInfo.InvariantCulture, $"gen:temperature-{temperature:0.0#},{Definition.MaxTokens}");

    /// <summary>Reads the rows of files.</summary>
    /// <exception cref="FormatException">A row is not what the task expects.</exception>
    protected internal abstract IEnumerable<EvalSample> Read(TaskData data, IReadOnlyList<string> files);

    /// <summary>A question in the task's own words.</summary>
    protected internal string Ask(EvalSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return Definition.Prompt.Replace("{question}", sample.Question, StringComparison.Ordinal);
    }

    private EvalSample[] Checked(TaskData data, IReadOnlyList<string> files)
    {
        string names = string.Join(", ", files);
        try
        {
            EvalSample[] samples = [.. Read(data, files)];
            if (samples.Length == 0) throw new UserInputException(Name, $"{Name}: {names} holds no samples.");
            string? twice = samples.GroupBy(sample => sample.Id).FirstOrDefault(group => group.Skip(1).Any())?.Key;
            return twice is null ? samples : throw new UserInputException(Name, $"{Name}: {names}: two samples have the id '{twice}'.");
        }
        catch (Exception e)
            when (e is FormatException or JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new UserInputException(Name, $"{Name}: {names} is not what the task expects: {e.Message}", e);
        }
    }
}
