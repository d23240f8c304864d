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
        foreach (string path in Files()) PromptFile.Read(path);
    }

    /// <inheritdoc/>
    public override bool MayChange => true;

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<Prompt>> ListAsync(CancellationToken cancellationToken) => new([.. Usable().Select(file => file.Describe())]);

    /// <inheritdoc/>
    public override ValueTask<GetPromptResult?> GetAsync(
        string name, IReadOnlyDictionary<string, string> arguments, McpCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (Files().FirstOrDefault(path => Path.GetFileNameWithoutExtension(path) == name) is not { } path) return new((GetPromptResult?)null);
        PromptFile prompt = PromptFile.Read(path);
        return new(new GetPromptResult
        {
            Description = prompt.Description,
            Messages = [new PromptMessage { Role = Role.User, Content = new TextContentBlock { Text = prompt.Fill(arguments) } }],
        });
    }

    /// <inheritdoc/>
    public override ValueTask<IReadOnlyList<string>> CompleteAsync(string name, string argument, string typed, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> choices = Usable().FirstOrDefault(file => file.Name == name)?.Arguments.FirstOrDefault(known => known.Name == argument)?.Choices ?? [];
        return new([.. choices.Where(choice => choice.StartsWith(typed, StringComparison.OrdinalIgnoreCase))]);
    }

    /// <summary>A file that is just being written is no prompt for the moment; who asks for it by name is told what is wrong with it.</summary>
    private IEnumerable<PromptFile> Usable()
    {
        foreach (string path in Files())
        {
            PromptFile file;
            try
            {
                file = PromptFile.Read(path);
            }
            catch (Exception e) when (e is UserInputException or IOException)
            {
                continue;
            }

            yield return file;
        }
    }

    /// <summary>Editors keep locks and copies beside a file, under names that begin with a dot.</summary>
    private IEnumerable<string> Files() => Directory.Exists(_folder)
        ? Directory.EnumerateFiles(_folder, "*.md").Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)
        : [];
}
