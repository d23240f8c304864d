using AgentKit.Kernel.Errors;
using AgentKit.Tools.Mcp.Serving;
using ModelContextProtocol.Protocol;

namespace AgentKit.Server.Offers;

/// <summary>
/// Prompts from the <c>.md</c> files of a folder, a prompt a file, named for it. They are read anew each time, so an editor is all it takes to
/// change them. The form is in docs/formats.md.
/// </summary>
public sealed class PromptFiles : McpPrompts
{
    private readonly string _folder;

    /// <summary>Takes a folder.</summary>
    /// <exception cref="UserInputException">There is no such folder, or a file in it is not a prompt; the message names file and line.</exception>
    public PromptFiles(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = Path.GetFullPath(folder);
        if (!Directory.Exists(_folder)) throw new UserInputException("prompts", $"There is no folder {_folder}.");
        Load();
    }

    /// <inheritdoc/>
    public override bool MayChange => true;

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<Prompt>> ListAsync(CancellationToken cancellationToken) => new([.. Load().Select(file => file.Describe())]);

    /// <inheritdoc/>
    public override ValueTask<GetPromptResult?> GetAsync(
        string name, IReadOnlyDictionary<string, string> arguments, McpCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (Load().Find(file => file.Name == name) is not { } prompt) return new((GetPromptResult?)null);
        return new(new GetPromptResult
        {
            Description = prompt.Description,
            Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = prompt.Fill(arguments) } }],
        });
    }

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<string>> CompleteAsync(string name, string argument, string typed, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> choices = Load().Find(file => file.Name == name)?.Arguments.FirstOrDefault(known => known.Name == argument)?.Choices ?? [];
        return new([.. choices.Where(choice => choice.StartsWith(typed, StringComparison.OrdinalIgnoreCase))]);
    }

    private List<PromptFile> Load() => Directory.Exists(_folder)
        ? [.. Directory.EnumerateFiles(_folder, "*.md").Order(StringComparer.Ordinal).Select(PromptFile.Read)]
        : [];
}
