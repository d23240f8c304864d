using System.Diagnostics;
using System.Globalization;
using AgentKit.Testing;
using Npgsql;

namespace AgentKit.SlowTests.Memory.Stores;

/// <summary>The server of <c>AGENTKIT_TEST_POSTGRES</c>, else PGlite with pgvector in a process of its own, which dies with this one.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private Process? _process;

    /// <summary>Where it is.</summary>
    public string Address { get; private set; } = "";

    /// <summary>A schema for these tests only.</summary>
    public string Schema { get; } = $"agentkit_test_{Guid.NewGuid():N}";

    public async Task InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable("AGENTKIT_TEST_POSTGRES") is { Length: > 0 } server)
        {
            Address = server;
            return;
        }

        string folder = Repository.PathOf("tests", "Pglite");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
            throw new InvalidOperationException($"PGlite is not restored: Node 20 or newer with npm is needed; or run 'npm ci' in {folder}.");
        _process = Process.Start(new ProcessStartInfo("node", ["server.mjs"])
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true,
        })!;
        string line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("PGlite did not start.");
        int port = int.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
        // One session serves all connections of PGlite: transactions of two of them would mix.
        Address = $"Host=127.0.0.1;Port={port};Username=postgres;Password=postgres;Database=postgres;SSL Mode=Disable;Maximum Pool Size=1";
    }

    public async Task DisposeAsync()
    {
        if (_process is null)
        {
            await using NpgsqlDataSource database = NpgsqlDataSource.Create(Address);
            await using NpgsqlCommand command = database.CreateCommand($"drop schema if exists \"{Schema}\" cascade");
            await command.ExecuteNonQueryAsync();
            return;
        }

        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
