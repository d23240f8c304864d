using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Mcp.Clients;

/// <summary>A client's configuration file. It belongs to the user: only one entry is touched, and what was there is kept beside it.</summary>
internal sealed class ConfigFile(McpClient client, string path)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file that a link leads to: the link itself stays.</summary>
    private readonly string _path = File.Exists(path) ? new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path : path;

    /// <summary>The entry of a server; <c>null</c> when there is no file or no such entry.</summary>
    /// <exception cref="UserInputException">The file cannot be read as the client reads it.</exception>
    public JsonObject? Entry(string name)
    {
        if (!File.Exists(_path) || Read() is not { } text) return null;
        try
        {
            JsonNode? root = JsonNode.Parse(text, documentOptions: new()
            {
                AllowTrailingCommas = client.AllowsComments,
                CommentHandling = client.AllowsComments ? JsonCommentHandling.Skip : JsonCommentHandling.Disallow,
                // Of two entries with one name the client takes the other.
                AllowDuplicateProperties = false,
            });
            return (root as JsonObject)?[client.ServersKey] is JsonObject servers ? servers[name] as JsonObject : null;
        }
        catch (JsonException e)
        {
            throw Fault(e);
        }
    }

    /// <summary>Sets the entry of a server.</summary>
    /// <param name="name">The server's name.</param>
    /// <param name="entry">What the client wants to know of it.</param>
    /// <param name="now">Names the backup.</param>
    /// <returns>Whether the file changed, and where the one before lies.</returns>
    /// <exception cref="UserInputException">The file cannot be read as the client reads it, or not be written.</exception>
    public (bool Changed, string? Backup) Write(string name, JsonObject entry, DateTimeOffset now)
    {
        string? old = File.Exists(_path) ? Read() : null;
        if (old is not null) Entry(name); // refuses what the client would read in another way
        string text;
        try
        {
            text = JsonPatch.Set(old ?? "{}\n", client.ServersKey, name, entry.ToJsonString(JsonPatch.Readable), client.AllowsComments);
        }
        catch (JsonException e)
        {
            throw Fault(e);
        }

        if (text == old) return (false, null);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            string? backup = null;
            if (old is not null) File.Copy(_path, backup = $"{_path}.{now:yyyyMMdd-HHmmss}.bak", overwrite: true);
            string part = $"{_path}.{Environment.ProcessId}.part";
            var create = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
            // From the first byte on nobody may read the copy who may not read the file.
            if (old is not null && !OperatingSystem.IsWindows()) create.UnixCreateMode = File.GetUnixFileMode(_path);
            using (var writer = new StreamWriter(part, Strict, create)) writer.Write(text);
            File.Move(part, _path, overwrite: true);
            return (true, backup);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException("--write", $"--write: {path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>The text; <c>null</c> when there is none in it.</summary>
    private string? Read()
    {
        try
        {
            string text = Strict.GetString(File.ReadAllBytes(_path)).TrimStart('\uFEFF');
            return string.IsNullOrWhiteSpace(text) ? null : text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new UserInputException("--client", $"{path} cannot be read: {e.Message}", e);
        }
    }

    private UserInputException Fault(JsonException e)
    {
        string place = e.LineNumber is { } line ? $", line {line + 1}, byte {e.BytePositionInLine + 1}" : "";
        string comments = client.AllowsComments ? "" : $" {client.Title} allows neither comments nor a comma after the last entry.";
        return new("--client", $"{path}{place}: {client.Title} cannot read it: {e.Message.Split(" LineNumber:")[0]}{comments} Nothing was changed.", e);
    }
}
