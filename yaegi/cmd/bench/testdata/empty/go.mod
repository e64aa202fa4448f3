module empty.example/empty

go 1.22
