using System.Text.Json;
using AgentKit.Eval.Tasks.Answers;
using AgentKit.Eval.Tasks.Choices;
using AgentKit.Eval.Tasks.Code;
using AgentKit.Eval.Tasks.Dialogues;
using AgentKit.Eval.Tasks.Functions;
using AgentKit.Eval.Tasks.Instructions;
using AgentKit.Eval.Tasks.Judging;
using AgentKit.Eval.Tasks.Retrieval;
using AgentKit.Kernel.Errors;

namespace AgentKit.Eval.Tasks;

/// <summary>The tasks there are, and tasks out of files.</summary>
public static class TaskCatalog
{
    private const string Prefix = "tasks/";

    private static readonly Lazy<TaskDefinition[]> Definitions = new(() =>
        [.. typeof(TaskCatalog).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(Embedded)]);

    /// <summary>All tasks that come with this library, by name.</summary>
    public static IReadOnlyList<TaskDefinition> All => Definitions.Value;

    /// <summary>A task by its name, a part of one (<c>mmlu:astronomy</c>), or the task of a file that ends in <c>.json</c>.</summary>
    /// <param name="name">As typed.</param>
    /// <exception cref="UserInputException">There is none, or the file is no task file.</exception>
    public static EvalTask Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.EndsWith(".json", StringComparison.Ordinal)) return Create(FromFile(name), null);
        string[] parts = name.Split(':', 2);
        TaskDefinition definition = All.FirstOrDefault(task => task.Name == parts[0])
            ?? throw new UserInputException(
                "TASK", $"TASK: there is no task '{parts[0]}'. Known: {string.Join(", ", All.Select(task => task.Name))}; or give a task file (.json).");
        return Create(definition, parts.Length > 1 ? parts[1] : null);
    }

    /// <summary>A task from its definition.</summary>
    /// <param name="definition">The definition.</param>
    /// <param name="group">The one part of it to ask; <c>null</c>: all.</param>
    /// <exception cref="UserInputException">Its kind or its reader is not known.</exception>
    public static EvalTask Create(TaskDefinition definition, string? group = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        try
        {
            EvalTask task = definition.Kind switch
            {
                "choice" => new ChoiceTask(definition) { Group = group },
                "answer" => new AnswerTask(definition) { Group = group },
                "instructions" => new InstructionTask(definition) { Group = group },
                "code" => new CodeTask(definition) { Group = group },
                "functions" => new FunctionTask(definition) { Group = group },
                "judge" => new JudgeTask(definition) { Group = group },
                "judged" => new JudgedTask(definition) { Group = group },
                "retrieval" => new RetrievalTask(definition) { Group = group },
                "dialogue" => new DialogueTask(definition) { Group = group },
                _ => throw new FormatException(
                    $"there is no kind '{definition.Kind}'; known: choice, answer, instructions, code, functions, judge, judged, retrieval, "
                    + "dialogue"),
            };
            return task.Metrics.Any(metric => metric.Name == definition.Metric)
                ? task
                : throw new FormatException(
                    $"it has no metric '{definition.Metric}'; known: {string.Join(", ", task.Metrics.Select(metric => metric.Name))}");
        }
        catch (FormatException e)
        {
            throw new UserInputException("TASK", $"TASK: {definition.Name}: {e.Message}", e);
        }
    }

    private static TaskDefinition Embedded(string name)
    {
        using Stream stream = typeof(TaskCatalog).Assembly.GetManifestResourceStream(name)!;
        return JsonSerializer.Deserialize<TaskDefinition>(stream, EvalJson.Compact)!;
    }

    private static TaskDefinition FromFile(string path)
    {
        if (!File.Exists(path)) throw new UserInputException("TASK", $"TASK: there is no task file {path}.");
        try
        {
            return JsonSerializer.Deserialize<TaskDefinition>(File.ReadAllBytes(path), EvalJson.Compact)
                ?? throw new JsonException("The document is null.");
        }
        catch (JsonException e)
        {
            throw new UserInputException("TASK", $"TASK: {path} is no task file: {e.Message}", e);
        }
    }
}
