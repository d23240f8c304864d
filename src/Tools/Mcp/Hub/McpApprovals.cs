using System.Text.Json;
using AgentKit.Kernel.Errors;

namespace AgentKit.Tools.Mcp.Hub;

/// <summary>
/// Which servers a user has approved, with the definitions of their tools at that moment, in a file that several processes may use at the
/// same time. Its form is in docs/formats.md.
/// </summary>
/// <param name="path">The file; it and its folder need not exist.</param>
/// <param name="time">The clock.</param>
public sealed class McpApprovals(string path, TimeProvider time)
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(20);

    /// <summary>The file.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>All that was approved, by the server's name.</summary>
    /// <exception cref="UserInputException">The file is not what this class writes.</exception>
    public IReadOnlyDictionary<string, ApprovedServer> Load() => Read().Servers;

    /// <summary>What was approved under a name; <c>null</c> when nothing was.</summary>
    /// <param name="server">The key: a server's name, or how it is started where the user types that.</param>
    /// <exception cref="UserInputException">The file is not what this class writes.</exception>
    public ApprovedServer? Find(string server) => Read().Servers.GetValueOrDefault(server);

    /// <summary>Remembers a server in place of what was known of it.</summary>
    /// <param name="server">The key.</param>
    /// <param name="approved">What is approved.</param>
    /// <param name="cancellationToken">Ends the waiting for other processes.</param>
    /// <exception cref="UserInputException">The file is not what this class writes, or cannot be written.</exception>
    public Task SaveAsync(string server, ApprovedServer approved, CancellationToken cancellationToken = default) =>
        UpdateAsync(servers => servers[server] = approved, cancellationToken);

    /// <summary>Forgets a server.</summary>
    /// <returns>Whether it was known.</returns>
    /// <inheritdoc cref="SaveAsync"/>
    public async Task<bool> RemoveAsync(string server, CancellationToken cancellationToken = default)
    {
        bool known = false;
        await UpdateAsync(servers => known = servers.Remove(server), cancellationToken).ConfigureAwait(false);
        return known;
    }

    private async Task UpdateAsync(Action<Dictionary<string, ApprovedServer>> change, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            using FileStream alone = await LockAsync(cancellationToken).ConfigureAwait(false);
            ApprovalsFile file = Read();
            change(file.Servers);
            string part = $"{Path}.{Environment.ProcessId}.part";
            await File.WriteAllBytesAsync(part, JsonSerializer.SerializeToUtf8Bytes(file, ApprovalsJson.Default.ApprovalsFile), cancellationToken)
                .ConfigureAwait(false);
            File.Move(part, Path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserInputException(Path, $"{Path} cannot be written: {e.Message}", e);
        }
    }

    /// <summary>A file beside the other one that one process at a time holds open.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        for (;;)
        {
            try
            {
                return new FileStream($"{Path}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (time.GetElapsedTime(started) < LockPatience)
            {
                await Task.Delay(LockRetry, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private ApprovalsFile Read()
    {
        if (!File.Exists(Path)) return new ApprovalsFile { Version = ApprovalsFile.Current, Servers = [] };
        try
        {
            ApprovalsFile? file = JsonSerializer.Deserialize(File.ReadAllBytes(Path), ApprovalsJson.Default.ApprovalsFile);
            return file?.Version == ApprovalsFile.Current && file.Servers is not null
                ? file
                : throw new UserInputException(Path, $"{Path} has version {file?.Version}; this program reads version {ApprovalsFile.Current}");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new UserInputException(Path, $"{Path} is not a list of approved servers: {e.Message}", e);
        }
    }
}
